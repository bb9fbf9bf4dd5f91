"""Organizations with as many rows as large ones have, made in minutes, the same for the same day.

Each begins with what a small demonstration has of everything. Its further people and sites come through the unit of
work. Assets with their cards and meters, orders with their assignments, remarks and notifications, and readings, are
made by PostgreSQL itself, some thousand a commit under the clock of their organization, past the policies but through
guards, triggers and row security, which refuses COPY (D-191 in ../../README.md). Two organizations are made beside each
other. Nothing here is a person, a company or a place.
"""

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.organizations import Login, create_organization, find_organization, set_passwords
from sync_server.application.seeding.content import Content
from sync_server.application.seeding.demonstration import plan_organization
from sync_server.application.seeding.furnishing import furnish
from sync_server.application.seeding.loading import load
from sync_server.application.seeding.mass_statements import ASSETS, ORDERS, READINGS, THINGS, WORDS
from sync_server.application.seeding.people import PASSWORD
from sync_server.application.seeding.profile import HOSPITAL, Profile
from sync_server.application.seeding.sizes import SITES, TECHNICIANS, Size
from sync_server.application.unit_of_work import under_the_clock
from sync_server.authz.passwords import Passwords
from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.draft import stub_id
from sync_server.errors import Refused
from sync_server.storage import meter_readings, notification_months
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from sync_server.storage.org_clock import Commit

AT_A_TIME = 2
"""Organizations that are made beside each other: PostgreSQL takes one core for each."""
ASSETS_A_COMMIT = 2_000
ORDERS_A_COMMIT = 5_000
READINGS_A_COMMIT = 50_000
IS_WHOLE = (
    "select exists (select from meter_reading where organization_id = %(organization)s::text::uuid"
    " and id = md5(%(organization)s::text || %(number)s::text)::uuid)"
)
"""Whether the last reading is there, which is made after everything else."""
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MassOrganization:
    """An organization that was made."""

    slug: str
    organization_id: str


def seed_mass(
    database: Database,
    size: Size,
    *,
    today: date,
    passwords: Passwords,
    store: BlobStore,
    report: Report = lambda _: None,
) -> Iterator[MassOrganization]:
    """Make organizations, and give each in the order of their slugs; those that are there are left alone.

    In each `manager`, `planner` and `technician-1` may sign in. `report` is told the slug of each that is begun, in a
    thread of its own. When one fails, those that were begun beside it are finished, and no other is begun.

    Raises:
        Refused: `already_exists`: a slug is taken by an organization that is no such seed, or one was made half-way.
    """
    meter_readings.make_months(database)
    notification_months.make_months(database)

    def make(number: int) -> MassOrganization:
        slug = f"seed-{number:02}"
        profile = dataclasses.replace(HOSPITAL, slug=slug, name=f"Seed {slug[-2:]}", seed=number)
        content = plan_organization(profile, today=today).content
        report(slug)
        if not _is_made(database, content, size):
            _begin(database, content, profile)
            furnish(database, content, profile, store=store)
            _let_sign_in(database, content, passwords)
            _make_many(database, content, size)
        return MassOrganization(content.slug, content.organization_id)

    with ThreadPoolExecutor(AT_A_TIME, "seed") as threads:
        yield from threads.map(make, range(size.organizations))


def _is_made(database: Database, content: Content, size: Size) -> bool:
    found = find_organization(database, content.slug)
    if found is None:
        return False
    asked = {"organization": content.organization_id, "number": f"/meter_reading/{size.readings - 1}"}
    with database.transaction("worker", content.organization_id, read_only=True) as connection:
        (last,) = connection.execute(IS_WHOLE.encode(), asked).fetchone() or (False,)
    if found == content.organization_id and last:
        return True
    raise Refused("already_exists", f"An organization called {content.slug} exists and is no whole seed. Remove it.")


def _let_sign_in(database: Database, content: Content, passwords: Passwords) -> None:
    logins = [Login(content.id_of("person", name), name, PASSWORD) for name in ("manager", "planner", "technician-1")]
    set_passwords(database, content.organization_id, logins=logins, passwords=passwords)


def _begin(database: Database, content: Content, profile: Profile) -> None:
    """Make what comes through the unit of work."""
    domain = f"{profile.slug}.example"
    create_organization(database, profile.slug, profile.name, domain=domain, organization_id=content.organization_id)
    content.next_unit()
    _add_people(content)
    load(database, content)


def _make_many(database: Database, content: Content, size: Size) -> None:
    """Make what PostgreSQL makes of numbers, the readings last."""
    given = _given(content, size)
    for statements, count, step in (
        (ASSETS, size.assets, ASSETS_A_COMMIT),
        (ORDERS, size.orders, ORDERS_A_COMMIT),
        (READINGS, size.readings, READINGS_A_COMMIT),
    ):
        for first, last in _spans(count, step):
            _commit(database, content.organization_id, statements, {**given, "first": first, "last": last})


def _add_people(content: Content) -> None:
    at = content.at(days=-400)
    for number in range(SITES):
        id_ = content.id_of("site", str(number))
        latitude, longitude = 40 + number / 5, -30 - number / 7
        content.add(
            "site", id_, at=at, code=f"S{number}", name=f"Site {number}", time_zone="UTC", latitude=latitude,
            longitude=longitude,
        )  # fmt: skip
    roles = {"manager": "manager", "planner": "planner", "supervisor": "supervisor"}
    roles |= {f"technician-{number + 1}": "technician" for number in range(TECHNICIANS)}
    for place, (login, role) in enumerate(roles.items()):
        id_ = content.id_of("person", login)
        content.add("person", id_, at=at, name=login.replace("-", " ").capitalize(), role=role)
        for site in range(SITES) if role != "technician" else (place % SITES, (place + 1) % SITES):
            access, site_id = content.id_of("site_access", f"{login} {site}"), content.id_of("site", str(site))
            content.add("site_access", access, at=at, aggregate_id=id_, person_id=id_, site_id=site_id, role=role)


def _given(content: Content, size: Size) -> dict[str, object]:
    """What the statements are told of every span."""
    assets = [content.id_of("asset", str(number)) for number in range(size.assets)]
    return {
        "organization": content.organization_id,
        "sites": [content.id_of("site", str(number)) for number in range(SITES)],
        "technicians": [content.id_of("person", f"technician-{number + 1}") for number in range(TECHNICIANS)],
        "assets": assets,
        "asset_stubs": [stub_id(asset_id) for asset_id in assets],
        "meters": [content.id_of("meter", str(number)) for number in range(size.assets)],
        "things": list(THINGS),
        "words": list(WORDS),
        "today": content.today,
    }


def _spans(count: int, step: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + step, count) - 1) for first in range(0, count, step))


def _commit(database: Database, organization_id: str, statements: dict[str, str], values: dict[str, object]) -> None:
    """Make the rows of a span of numbers, and bring the scope index along."""
    with database.transaction("worker", organization_id) as connection:
        connection.execute("set local statement_timeout = 0")
        connection.execute("discard plans")  # those by which references are looked up come from empty tables (D-264)

        def act(commit: Commit) -> dict[str, list[str]]:
            return _made(connection, statements, {**values, "seq": commit.seq})

        under_the_clock(connection, organization_id, act)


def _made(
    connection: Connection[TupleRow], statements: dict[str, str], values: dict[str, object]
) -> dict[str, list[str]]:
    """Run the statements; give the ids of the roots among what they made, by entity."""
    made: dict[str, list[str]] = {}
    # a reference to an order would be planned for each row, because orders lie in four parts
    connection.execute("set local plan_cache_mode = force_generic_plan")
    for entity, statement in statements.items():
        rows = connection.execute(statement.encode(), values)
        if entity in REGISTRY and REGISTRY[entity].is_root:
            made[entity] = [row[0] for row in rows]
    connection.execute("set local plan_cache_mode = auto")
    return made
