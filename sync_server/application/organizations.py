"""Organizations and the passwords of their people: what an administrator makes before anybody works.

Making an organization is the one write here that no serving role may do: it happens under the migrator, the role that
sees past tenants, because nobody belongs to the new tenant yet. Nothing in a request leads to it.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.unit_of_work import UnitOfWork
from sync_server.authz.passwords import Passwords
from sync_server.contract.codec import InvalidValueError, checked, completed
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.errors import Refused
from sync_server.storage import activity_log, organization_domains, subscriptions
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.organization_domains import checked_domain
from sync_server.storage.plan_limits import require_room

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
LEAST_PASSWORD_CHARACTERS = 8
"""NIST SP 800-63B: a floor on the length, no rules of composition."""
LONGEST_LOGIN = 200


@dataclass(frozen=True, slots=True)
class Login:
    """What a person signs in with."""

    person_id: str
    login: str
    password: str


def create_organization(
    database: Database,
    slug: str,
    name: str,
    *,
    domain: str | None = None,
    plan_code: str | None = None,
    organization_id: str | None = None,
) -> str:
    """Make an organization with its entry in the directory and its clock; give its id.

    Args:
        database: Migrated; the migrator's password follows from its secret like those of the other roles.
        slug: What people type to sign in: small letters, digits and hyphens, at most 63.
        name: For people, 1 to 200 characters.
        domain: Mail domain by which it may be found; None for none.
        plan_code: Plan that it has from today on; None for none, and no limits.
        organization_id: A UUID to use instead of a random one.

    Raises:
        Refused: `invalid_value`, `already_exists` when slug or domain are taken, `not_found` without such a plan.
    """
    name, domain = name.strip(), checked_domain(domain) if domain else None
    check_names(slug, name)
    organization_id = organization_id or str(uuid.uuid4())
    now = datetime.now(UTC)
    try:
        with database.transaction("migrator", organization_id) as connection:
            connection.execute(
                "insert into organization (id, slug, name, created_at, updated_at) values (%s, %s, %s, %s, %s)",
                (organization_id, slug, name, now, now),
            )
            connection.execute(
                "insert into organization_directory (slug, organization_id) values (%s, %s)", (slug, organization_id)
            )
            if domain is not None:
                organization_domains.put(connection, organization_id, domain, is_verified=True)
            connection.execute(
                "insert into org_clock (organization_id, epoch) values (%s, %s)", (organization_id, str(uuid.uuid4()))
            )
            made = Entry("organization.created", row_id=organization_id, new={"slug": slug, "name": name})
            activity_log.append(connection, [made])
            if plan_code is not None:
                subscriptions.begin(connection, organization_id, plan_code, on=now.date())
    except Refused as refused:
        if refused.code == "conflicting_reference":
            raise Refused(
                "already_exists", f"An organization called {slug}, or its domain, exists already."
            ) from refused
        raise
    return organization_id


def check_names(slug: str, name: str) -> None:
    """Refuse a slug or name that no organization can have. Raises Refused."""
    if not SLUG.fullmatch(slug):
        raise Refused(
            "invalid_value", "A slug has 1 to 63 small letters, digits and hyphens and starts with no hyphen."
        )
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise Refused("invalid_value", "The name must have 1 to 200 characters.")


def find_organization(database: Database, slug: str) -> str | None:
    """Give the id of the organization with a slug; None when there is none."""
    with database.transaction("worker", None) as connection:
        found = connection.execute("select organization_by_slug(%s)::text", (slug[:63].replace("\0", ""),)).fetchone()
    return found[0] if found else None


def create_person(
    database: Database,
    organization_id: str,
    *,
    name: str,
    role: str,
    site_codes: Iterable[str] = (),
    person_id: str | None = None,
) -> str:
    """Add a person without a password yet; give his id.

    Args:
        name: For people, 1 to 200 characters.
        role: A word of product.md §1; also his role on each of the sites.
        site_codes: Sites that he may enter. Managers and admins enter all of them without.
        person_id: A UUID to use instead of a random one.

    Raises:
        Refused: A value cannot be, there is no such site, or the plan has no room.
    """
    person_id, codes = person_id or str(uuid.uuid4()), sorted(set(site_codes))
    person = new_row("person", person_id, person_id, name=name.strip(), role=role)
    with database.transaction("worker", organization_id) as connection:
        found = connection.execute(
            "select id::text from site where organization_id = %s and code = any(%s) and deleted_at is null"
            " and not code_conflict",
            (organization_id, codes),
        ).fetchall()
        if len(found) != len(codes):
            raise Refused("not_found", "There is no site with such a code.")
        require_room(connection, organization_id, "people")
        work = UnitOfWork(connection, organization_id, None)
        work.put({("person", person_id): person})
        for (site_id,) in found:
            access = new_row(
                "site_access", str(uuid.uuid4()), person_id, person_id=person_id, site_id=site_id, role=role
            )
            work.put({("site_access", str(access["id"])): access})
        work.finish()
    return person_id


def new_row(entity: str, row_id: str, aggregate_id: str, **values: Scalar) -> Row:
    """Give a whole row that begins now. Raises Refused when a value cannot be."""
    spec, now = REGISTRY[entity], instant_text(datetime.now(UTC))
    try:
        given = {name: checked(spec.by_name[name], value) for name, value in values.items()}
    except InvalidValueError as error:
        raise Refused("invalid_value", f"The {error}.") from error
    return completed(spec, {"id": row_id, "aggregate_id": aggregate_id, "created_at": now, "updated_at": now, **given})


def check_login(database: Database, organization_id: str, login: Login) -> None:
    """Refuse a login that nobody could be given, before anything is made for it. Raises Refused."""
    text = _checked_login(login)
    with database.transaction("authn", organization_id, read_only=True) as connection:
        found = connection.execute(
            "select person_id::text from user_credential where organization_id = %s and lower(login) = lower(%s)",
            (organization_id, text),
        ).fetchone()
    if found is not None and found[0] != login.person_id:
        raise Refused("already_exists", "The login belongs to somebody else.")


def set_password(
    database: Database, organization_id: str, *, person_id: str, login: str, password: str, passwords: Passwords
) -> None:
    """Let a person sign in with a login and a password from now on; his sessions so far end.

    Raises:
        Refused: The person is missing, the login belongs to another, or a value cannot be used.
    """
    set_passwords(
        database,
        organization_id,
        logins=[Login(person_id=person_id, login=login, password=password)],
        passwords=passwords,
    )


def set_passwords(database: Database, organization_id: str, *, logins: Iterable[Login], passwords: Passwords) -> None:
    """As `set_password`, for several people at once: all or none."""
    rows = [
        (organization_id, each.person_id, _checked_login(each), passwords.hash(each.password), str(uuid.uuid4()))
        for each in logins
    ]
    try:
        with database.transaction("authn", organization_id) as connection, connection.cursor() as cursor:
            cursor.executemany(
                "insert into user_credential (organization_id, person_id, login, password_hash, security_stamp)"
                " values (%s, %s, %s, %s, %s) on conflict (organization_id, person_id) do update set"
                " login = excluded.login, password_hash = excluded.password_hash,"
                " security_stamp = excluded.security_stamp, failed_attempts = 0, not_before = null",
                rows,
            )
            activity_log.append(connection, [credential_set(row[1], row[2]) for row in rows])
    except Refused as refused:
        if refused.code == "conflicting_reference":
            raise Refused(
                "already_exists", "The login belongs to somebody else, or there is no such person."
            ) from refused
        raise


def still_counts(connection: Connection[TupleRow], organization_id: str, person_id: str, *, stamp: str) -> bool:
    """Tell whether a password is what it was when its stamp was read; it stays so until the transaction ends (D-272).

    Whoever is signing in has looked at a password that may have been replaced since; the new one stays.
    """
    found = connection.execute(
        "select from user_credential where organization_id = %s and person_id = %s and security_stamp = %s for update",
        (organization_id, person_id, stamp),
    )
    return found.fetchone() is not None


def set_by_himself(
    connection: Connection[TupleRow], organization_id: str, person_id: str, *, password: str, passwords: Passwords
) -> str:
    """Give a person the password that he has chosen himself, end his sessions so far; give his new stamp.

    Raises:
        Refused: The password is too short.
    """
    _check_password(password)
    stamp = str(uuid.uuid4())
    connection.execute(
        "update user_credential set password_hash = %s, security_stamp = %s, failed_attempts = 0, not_before = null"
        " where organization_id = %s and person_id = %s",
        (passwords.hash(password), stamp, organization_id, person_id),
    )
    return stamp


def credential_set(person_id: str, login: str | None = None) -> Entry:
    """Give the line of the activity log about a new password, and a login where that was written, too."""
    return Entry(
        "credential.set",
        row_id=person_id,
        new={} if login is None else {"login": login},
        personal=frozenset({"login"}),
        subject_id=person_id,
    )


def _checked_login(login: Login) -> str:
    text = login.login.strip()
    if not 1 <= len(text) <= LONGEST_LOGIN or not text.isprintable():
        raise Refused("invalid_value", f"A login has 1 to {LONGEST_LOGIN} characters.")
    _check_password(login.password)
    return text


def _check_password(password: str) -> None:
    if len(password) < LEAST_PASSWORD_CHARACTERS:
        raise Refused("invalid_value", f"A password has at least {LEAST_PASSWORD_CHARACTERS} characters.")
