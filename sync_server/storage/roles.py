"""The roles of the database: who they are, made before the first migration and corrected by every later run.

Roles belong to the whole cluster, so several databases may be migrated at once: what another run makes in the meantime
is met with a second try. What a role may do in a table is said by the migrations.
"""

import base64
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, sql

from sync_server.config import derive
from sync_server.errors import EnvironmentFailure

OWNER = "cmms_owner"
RESOLVER = "cmms_resolver"
MIGRATOR = "cmms_migrator"
ATTEMPTS = 20
PAUSE_S = 0.05
_VERIFIER = re.compile(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):[^:]+")
SELF_SERVICE_SINCE = 160_000
"""From PostgreSQL 16 on a role with CREATEROLE and BYPASSRLS may give away the latter; before, only a superuser."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role of the cluster.

    Attributes:
        name: Name in PostgreSQL.
        purpose: What it is for, in a few words.
        login: Whether it connects; then it has a password that follows from the server's secret.
        bypasses_rls: Whether it sees every organization: only for migrations and backups.
        member_of: Roles that it may become; never those of the server's own work.
        read_only: Whether its transactions start read only.
    """

    name: str
    purpose: str
    login: bool = True
    bypasses_rls: bool = False
    member_of: tuple[str, ...] = ()
    read_only: bool = False


ROLES = (
    Role(OWNER, "owns all tables; row security binds it too", login=False),
    Role(RESOLVER, "owns the functions that are asked before a tenant is known", login=False),
    Role(MIGRATOR, "migrates, and connects for nothing else", bypasses_rls=True, member_of=(OWNER, RESOLVER)),
    Role("cmms_app_sync", "push, pull, verify, files and every write, the office's too"),
    Role("cmms_app_office", "reads lists and details for the office, narrowed to its sites"),
    Role("cmms_authn", "sign-in and sessions; the only one that reads credentials"),
    Role("cmms_worker", "routines, imports and the command line, one organization a transaction"),
    Role("cmms_readonly", "looks at rows of one organization, for whoever runs the server", read_only=True),
    Role("cmms_backup", "dumps everything", bypasses_rls=True, read_only=True),
)


def role_password(secret: bytes, role: str) -> str:
    """Return a role's password: 43 characters that follow from the server's secret.

    Args:
        secret: The server's 32 bytes.
        role: Its name without the prefix `cmms_`.
    """
    return base64.urlsafe_b64encode(derive(secret, f"database-role/cmms_{role}")).rstrip(b"=").decode()


def has_password(verifier: str, password: str) -> bool:
    """Tell whether what PostgreSQL keeps of a role (RFC 5803, SCRAM-SHA-256) was made from a password."""
    found = _VERIFIER.fullmatch(verifier)
    if found is None:
        return False
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(found[2]), int(found[1]))
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return hmac.compare_digest(stored, base64.b64decode(found[3]))


def ensure_roles(connection: Connection[Any], secret: bytes) -> None:
    """Make the roles that are missing, correct the others, and set their passwords.

    A connection that may not do so (the migrator's own) is enough when there is nothing to make.

    Args:
        connection: In autocommit mode, on the database that is to be migrated.
        secret: The server's 32 bytes.

    Raises:
        EnvironmentFailure: Something is missing that this connection's user may not make.
        psycopg.Error: Anything else.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _ensure_once(connection, secret)
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation, psycopg.errors.InternalError_):
            if attempt == ATTEMPTS:  # InternalError_ is "tuple concurrently updated": another run was there
                raise
            time.sleep(PAUSE_S * attempt)
    return None


def _ensure_once(connection: Connection[Any], secret: bytes) -> None:
    found = _existing(connection)
    wanted = {role.name: (role.login, role.bypasses_rls) for role in ROLES}
    if _may_make_roles(connection):
        for role in ROLES:
            _make(connection, role, secret, found=found.get(role.name))
        _join(connection)
        _open_schema(connection)
        _shut_temporary(connection)
    elif found != wanted or not _has_schema(connection):
        raise EnvironmentFailure(
            f"The database user {connection.info.user} may not make the roles that are missing. Run migrate once with "
            "the URL of a superuser or, from PostgreSQL 16 on, of the database's owner with CREATEROLE and BYPASSRLS."
        )


def _existing(connection: Connection[Any]) -> dict[str, tuple[bool, bool]]:
    rows = connection.execute(
        "SELECT rolname, rolcanlogin, rolbypassrls FROM pg_roles WHERE rolname = any(%s)",
        ([role.name for role in ROLES],),
    )
    return {name: (login, bypasses_rls) for name, login, bypasses_rls in rows}


def _may_make_roles(connection: Connection[Any]) -> bool:
    row = connection.execute(
        "SELECT rolsuper, rolcreaterole AND rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    is_superuser, makes_roles = row or (False, False)
    return bool(is_superuser or (makes_roles and connection.info.server_version >= SELF_SERVICE_SINCE))


def _make(connection: Connection[Any], role: Role, secret: bytes, *, found: tuple[bool, bool] | None) -> None:
    """Make or correct one role. The password travels as its SCRAM verifier, so no log can show it."""
    words = ["LOGIN" if role.login else "NOLOGIN", "BYPASSRLS" if role.bypasses_rls else "NOBYPASSRLS"]
    if found is None:
        _run(connection, "CREATE ROLE {} " + " ".join(words), role.name)
    elif found != (role.login, role.bypasses_rls):
        _run(connection, "ALTER ROLE {} " + " ".join(words), role.name)
    if role.login:
        password = role_password(secret, role.name.removeprefix("cmms_")).encode()
        verifier = connection.pgconn.encrypt_password(password, role.name.encode(), b"scram-sha-256").decode()
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role.name), sql.Literal(verifier))
        connection.execute(statement)
    if role.read_only:
        _run(connection, "ALTER ROLE {} SET default_transaction_read_only = on", role.name)


def _join(connection: Connection[Any]) -> None:
    """Let the migrator, and a migrating user that is no superuser, become owner and resolver."""
    privilege = "SET" if connection.info.server_version >= SELF_SERVICE_SINCE else "MEMBER"
    members = [(role.name, group) for role in ROLES for group in role.member_of]
    members += [(connection.info.user, group) for group in (OWNER, RESOLVER)]
    for member, group in members:
        row = connection.execute("SELECT pg_has_role(%s, %s, %s)", (member, group, privilege)).fetchone()
        if row is None or not row[0]:
            _run(connection, "GRANT {} TO {}", group, member)


def _has_schema(connection: Connection[Any]) -> bool:
    row = connection.execute(
        "SELECT bool_and(has_schema_privilege(name, 'public', 'CREATE')) FROM unnest(%s::text[]) AS name",
        ([OWNER, RESOLVER],),
    ).fetchone()
    return bool(row and row[0])


def _open_schema(connection: Connection[Any]) -> None:
    if not _has_schema(connection):
        _run(connection, "GRANT USAGE, CREATE ON SCHEMA public TO {}, {}", OWNER, RESOLVER)


def _shut_temporary(connection: Connection[Any]) -> None:
    """Let nobody but migrations make temporary things: PostgreSQL lets everybody, in each new database."""
    _run(connection, "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", connection.info.dbname)
    _run(connection, "GRANT TEMPORARY ON DATABASE {} TO {}, {}", connection.info.dbname, OWNER, MIGRATOR)


def _run(connection: Connection[Any], statement: str, *names: str) -> None:
    template = sql.SQL(statement)  # type: ignore[arg-type, unused-ignore] # composed of literals above
    connection.execute(template.format(*(sql.Identifier(name) for name in names)))
