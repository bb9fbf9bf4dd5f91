"""What an earlier set-up, another server or another program has left where a server is to be set up. Only looks."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import PGconn, Ping
from psycopg.rows import TupleRow

from sync_server.application.backups import RELATIONS
from sync_server.errors import EnvironmentFailure, Refused
from sync_server.storage.roles import MIGRATOR, SELF_SERVICE_SINCE, has_password, role_password
from sync_server.storage.translation import translation

OWNER_URL = "CMMS_OWNER_URL"
CONNECT_TIMEOUT_S = 10
OTHER_DATABASE = "{} names another database. Say the same as then, or move the file away."
OTHER_FOLDER = "{} names another data folder, in which the server's secret key lies. Set CMMS_DATA to {}."
OTHER_ROLES = (
    "This PostgreSQL has the roles of another server, or this server's secret key is not the one it had: set up now,"
    " the other one could not come in. Give each server a PostgreSQL of its own; for a key that is lost, run migrate."
)
FOREIGN = "The database {} holds tables of another program. Name another one with --database."
OTHER_ORGANIZATION = "This server was set up for {}. Say the same as then; `organization create` makes another one."


@contextmanager
def connected(url: str) -> Iterator[Connection[TupleRow]]:
    """Connect as the owner, who commits each statement. Raises EnvironmentFailure: says what to change."""
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S)
    except psycopg.OperationalError as exc:
        reason = str(exc).strip().splitlines()[0]
        raise EnvironmentFailure(f"PostgreSQL cannot be reached with {OWNER_URL} ({reason}).") from exc
    except psycopg.ProgrammingError as exc:
        raise EnvironmentFailure(f"{OWNER_URL} is not a URL that PostgreSQL understands.") from exc
    try:
        with connection:
            yield connection
    except psycopg.Error as exc:
        raise translation(exc) from exc


def require_rights(owner: str) -> None:
    """Refuse a role that may not make the database and all roles. Raises EnvironmentFailure."""
    with connected(owner) as connection:
        found = connection.execute(
            "select rolsuper, rolcreatedb and rolcreaterole and rolbypassrls from pg_roles where rolname = current_user"
        ).fetchone()
        is_new = connection.info.server_version >= SELF_SERVICE_SINCE
    is_superuser, makes_all = found or (False, False)
    if not (is_superuser or (makes_all and is_new)):
        raise EnvironmentFailure(f"The role of {OWNER_URL} may not make databases and roles. Give a superuser's.")


def require_reached(url: str) -> None:
    """Refuse an address at which no PostgreSQL answers, whomever it lets in. Raises EnvironmentFailure."""
    answer = PGconn.ping(make_conninfo(url, connect_timeout=CONNECT_TIMEOUT_S).encode())
    if answer != Ping.OK:
        said = conninfo_to_dict(url)
        raise EnvironmentFailure(
            f"No PostgreSQL answers at {said.get('host')}, port {said.get('port')}; see --reached-at."
        )


def require_same_settings(path: Path, *, served: str, data_folder: Path) -> None:
    """Refuse to go on where an earlier run has said something else. Raises EnvironmentFailure."""
    there = _settings_in(path)
    url, folder = there.get("CMMS_DATABASE_URL"), there.get("CMMS_DATA")
    if url not in (None, served) and not (there.get("CMMS_PGBOUNCER") == "1" and _name(url) == _name(served)):
        raise EnvironmentFailure(OTHER_DATABASE.format(path))
    if folder is not None and Path(folder) != data_folder:
        raise EnvironmentFailure(OTHER_FOLDER.format(path, folder))


def require_own_roles(connection: Connection[TupleRow], secret: bytes) -> None:
    """Keep the passwords of another server's roles; only a superuser can look. Raises EnvironmentFailure."""
    try:
        found = connection.execute("select rolpassword from pg_authid where rolname = %s", (MIGRATOR,)).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return
    if found is not None and found[0] and not has_password(found[0], role_password(secret, "migrator")):
        raise EnvironmentFailure(OTHER_ROLES)


def require_own_database(owner: str, name: str, *, organization: str) -> None:
    """Refuse a database that holds something else than this server and its first organization; none is fine.

    Raises:
        EnvironmentFailure: Another program's, or in another encoding.
        Refused: It is there for another organization.
    """
    with connected(owner) as connection:
        is_there = connection.execute("select from pg_database where datname = %s", (name,)).fetchone()
    if is_there is None:
        return
    with connected(make_conninfo(owner, dbname=name)) as connection:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise EnvironmentFailure(f"The database {name} is encoded in {encoding}; it has to be UTF8.")
        relations = {name for (name,) in connection.execute(RELATIONS.encode())} - {"alembic_version"}
        if relations and "org_clock" not in relations:
            raise EnvironmentFailure(FOREIGN.format(name))
        slugs = connection.execute("select slug from organization_directory order by 1").fetchall() if relations else []
    if slugs and (organization,) not in slugs:
        raise Refused("already_exists", OTHER_ORGANIZATION.format(slugs[0][0]))


def _settings_in(path: Path) -> dict[str, str]:
    """Settings of an earlier run; empty when there was none. Raises EnvironmentFailure."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
        return {name.strip(): "".join(shlex.split(value)) for name, _, value in pairs}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:  # a quote that is never closed is a ValueError
        raise EnvironmentFailure(f"{path} cannot be read.") from exc


def _name(url: str | None) -> object:
    """Give database and user of a URL; behind PgBouncer its address may be another one."""
    try:
        said = conninfo_to_dict(url or "")
    except psycopg.ProgrammingError:
        return None
    return said.get("dbname"), said.get("user")
