"""What an administrator does once: the schema, people, demonstration data."""

import sys
import uuid
from datetime import UTC, datetime
from getpass import getpass
from secrets import token_urlsafe

from sync_server.app import blob_store
from sync_server.application import permissions
from sync_server.application.organizations import (
    Login,
    check_login,
    create_person,
    find_organization,
    set_passwords,
)
from sync_server.application.seeding.demonstration import seed
from sync_server.application.seeding.mass import MassOrganization, seed_mass
from sync_server.application.seeding.people import PASSWORD
from sync_server.application.seeding.sizes import SIZES
from sync_server.authz.passwords import Passwords
from sync_server.cli.databases import direct_url, ready_database
from sync_server.config import SECRET_BYTES, ServerSettings
from sync_server.errors import Refused
from sync_server.routines.first_night import first_night
from sync_server.storage.engine import Database
from sync_server.storage.migrating import current_revision, head_revision, migrate

Answer = tuple[dict[str, object], str]


def migrate_database() -> Answer:
    """Bring the database to this release's schema."""
    settings = ServerSettings.from_environment()
    with direct_url(settings) as url:
        before = current_revision(url)
        point = migrate(url, settings.secret)
    revision = head_revision()
    changed = "was already" if before == revision else "is now"
    said = [f"The database {changed} at revision {revision}."]
    if point is not None and point.name is not None:
        said.append(f"The restore point {point.name} lies before it.")
    elif point is not None:
        said.append(f"No restore point lies before it: {point.missing}.")
    answer: dict[str, object] = {"before": before, "revision": revision}
    return answer | {"restore_point": None if point is None else point.name}, " ".join(said)


def seed_demonstration() -> Answer:
    """Make the demonstration organizations."""
    settings, now = ServerSettings.from_environment(), datetime.now(UTC)
    with ready_database(settings) as (database, _):
        summaries = seed(database, today=now.date(), passwords=Passwords(), store=blob_store(settings))
        for summary in summaries:
            first_night(database, summary.organization_id, at=now)
    slugs = [summary.slug for summary in summaries]
    answer: dict[str, object] = {
        "organizations": [
            {"slug": summary.slug, "organization_id": summary.organization_id, "people": len(summary.people)}
            for summary in summaries
        ],
    }
    logins = ", ".join(person.login for person in summaries[0].people)
    sentence = f"{' and '.join(slugs)} are there. Sign in as {logins}; everybody's password is {PASSWORD}."
    return answer, sentence


def seed_size(name: str) -> Answer:
    """Make many organizations with many rows, to measure with."""
    settings, now = ServerSettings.from_environment(), datetime.now(UTC)
    made: list[MassOrganization] = []
    with ready_database(settings) as (database, _):
        for each in seed_mass(
            database,
            SIZES[name],
            today=now.date(),
            passwords=Passwords(cheap=True),
            store=blob_store(settings),
            report=_progress,
        ):
            first_night(database, each.organization_id, at=now)
            made.append(each)
    slugs = [each.slug for each in made]
    answer: dict[str, object] = {
        "organizations": [{"slug": each.slug, "organization_id": each.organization_id} for each in made]
    }
    sentence = f"{slugs[0]} to {slugs[-1]} are there. Sign in as manager, planner or technician-1 with {PASSWORD}."
    return answer, sentence


def _progress(slug: str) -> None:
    print(slug, file=sys.stderr, flush=True)


def make_user(login: str, slug: str, *, name: str, role: str, site_codes: list[str], by_code: bool = False) -> Answer:
    """Add a person who may sign in with the password that standard input brings, or once a code lets him choose one."""
    password = token_urlsafe(SECRET_BYTES) if by_code else _read_password()
    wanted = Login(person_id=str(uuid.uuid4()), login=login, password=password)
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        check_login(database, organization_id, wanted)
        create_person(
            database, organization_id, name=name, role=role, site_codes=site_codes, person_id=wanted.person_id
        )
        set_passwords(database, organization_id, logins=[wanted], passwords=Passwords())
    said = f"may sign in to {slug} with a code of enrol-code --new-password" if by_code else f"may sign in to {slug}"
    return {"person_id": wanted.person_id, "login": login}, f"{login} {said}."


def permit(login: str, slug: str, *, resource: str, action: str, scope: str, site_code: str | None) -> Answer:
    """Give a person a permission besides those of his role."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        row_id = permissions.give(
            database,
            known_organization(database, slug),
            login=login,
            resource=resource,
            action=action,
            scope=scope,
            site_code=site_code,
        )
    where = f" at {site_code}" if site_code else ""
    return {"person_permission_id": row_id}, f"{login} may {action} {resource} ({scope}{where})."


def forbid(login: str, slug: str, *, resource: str, action: str) -> Answer:
    """Take such a permission again."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        count = permissions.take(database, organization_id, login=login, resource=resource, action=action)
    said = "has it only by his role, if at all" if not count else "has it no longer, unless by his role"
    return {"taken": count}, f"{login} {said}."


def known_organization(database: Database, slug: str) -> str:
    """Give the id of an organization. Raises Refused when there is none of that name."""
    found = find_organization(database, slug)
    if found is None:
        raise Refused("not_found", f"There is no organization called {slug}.")
    return found


def _read_password() -> str:
    """Read one line; never an argument, which every user of the machine could see."""
    return getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
