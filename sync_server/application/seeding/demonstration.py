"""Makes the demonstration organizations: plans them, writes them, lets their people sign in, and says what there is."""

import random
from dataclasses import dataclass
from datetime import date

from sync_server.application.organizations import Login, create_organization, find_organization, set_passwords
from sync_server.application.seeding.asset_details import add_details
from sync_server.application.seeding.calendars import add_calendars
from sync_server.application.seeding.checklists import issuing
from sync_server.application.seeding.content import Content
from sync_server.application.seeding.equipment import add_asset_types, add_assets
from sync_server.application.seeding.extensions import add_extensions
from sync_server.application.seeding.furnishing import furnish
from sync_server.application.seeding.loading import committed_units, load
from sync_server.application.seeding.meters import add_meters
from sync_server.application.seeding.orders import Material, Planned, add_orders, plan_orders
from sync_server.application.seeding.people import PASSWORD, Staff, add_people, add_teams, plan_staff
from sync_server.application.seeding.places import add_locations, add_sites
from sync_server.application.seeding.profile import PROFILES, Profile
from sync_server.application.seeding.requests import add_requests
from sync_server.application.seeding.stock import add_parts, add_purchases, add_stock_locations
from sync_server.application.seeding.templates import add_order_templates, add_templates
from sync_server.authz.passwords import Passwords
from sync_server.errors import Refused
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database


@dataclass(frozen=True, slots=True)
class SeededPerson:
    """Somebody who can sign in to a demonstration."""

    login: str
    password: str
    role: str
    name: str
    person_id: str


@dataclass(frozen=True, slots=True)
class SeedSummary:
    """What a demonstration organization holds. The same for every day, but for what is counted from today.

    Attributes:
        people: All of them; the first technician, supervisor, planner … have their role for a login.
        site_ids: Letter of the site → id.
        team_ids: The first one's orders wait for the first technician to join it.
        today_order_ids: The first technician's orders of the day, in route order.
        team_order_ids: Orders of the first team.
        part_ids, asset_ids: In the order of their codes; assets by the letter of their site.
    """

    organization_id: str
    slug: str
    people: tuple[SeededPerson, ...]
    site_ids: dict[str, str]
    team_ids: tuple[str, ...]
    today_order_ids: tuple[str, ...]
    team_order_ids: tuple[str, ...]
    part_ids: tuple[str, ...]
    asset_ids: dict[str, tuple[str, ...]]

    def person(self, login: str) -> SeededPerson:
        """Give the person with a login. Raises KeyError for none."""
        for each in self.people:
            if each.login == login:
                return each
        raise KeyError(login)


@dataclass(frozen=True, slots=True)
class Plan:
    """A demonstration organization as rows, before anything is written."""

    profile: Profile
    content: Content
    summary: SeedSummary


def plan_organization(profile: Profile, *, today: date) -> Plan:
    """Plan an organization for a day (UTC). Same profile and day, same rows."""
    content = Content(profile.slug, today, random.Random(profile.seed))
    staff = plan_staff(content, profile)
    add_sites(content, profile)
    add_people(content, staff)
    add_teams(content, profile, staff)
    rooms = add_locations(content, profile)
    add_asset_types(content)
    part_ids = add_parts(content, profile)
    add_stock_locations(content, profile, staff)
    templates = add_templates(content)
    add_order_templates(content, part_ids)
    content.next_unit()
    asset_ids = add_assets(content, profile, rooms)
    for ids in asset_ids.values():
        add_meters(content, staff, ids)
        add_details(content, ids)
    content.next_unit()
    add_purchases(content, profile, staff=staff, part_ids=part_ids)
    planned = plan_orders(profile, staff)
    add_orders(content, planned, Material(staff, asset_ids, part_ids), issue=issuing(templates))
    add_requests(content, staff, asset_ids)
    add_calendars(content, profile, staff)
    if profile.extends:
        add_extensions(content, profile, staff, asset_ids)
    return Plan(profile, content, _summary(content, profile, staff, planned, part_ids, asset_ids))


def _summary(
    content: Content,
    profile: Profile,
    staff: Staff,
    planned: list[Planned],
    part_ids: list[str],
    asset_ids: dict[str, list[str]],
) -> SeedSummary:
    def order_ids(chosen: list[Planned]) -> tuple[str, ...]:
        return tuple(content.id_of("work_order", str(each.number)) for each in chosen)

    return SeedSummary(
        organization_id=content.organization_id,
        slug=profile.slug,
        people=tuple(SeededPerson(p.login, PASSWORD, p.role, p.name, p.id) for p in staff.people),
        site_ids={site.letter: content.id_of("site", site.letter) for site in profile.sites},
        team_ids=staff.team_ids,
        today_order_ids=order_ids([each for each in planned if each.is_today]),
        team_order_ids=order_ids([each for each in planned if each.team_id == staff.team_ids[0]]),
        part_ids=tuple(part_ids),
        asset_ids={letter: tuple(ids) for letter, ids in asset_ids.items()},
    )


def seed_organization(
    database: Database, profile: Profile, *, today: date, passwords: Passwords, store: BlobStore
) -> SeedSummary:
    """Make a demonstration organization, or complete one whose making was interrupted; say what it holds.

    `store` takes the bytes of its photos and papers.

    Raises:
        Refused: `already_exists`: an organization of somebody's has the slug, and is no demonstration.
    """
    plan = plan_organization(profile, today=today)
    content, summary = plan.content, plan.summary
    found = find_organization(database, profile.slug)
    if found is None:
        domain = f"{profile.slug}.example"
        create_organization(
            database, profile.slug, profile.name, domain=domain, organization_id=content.organization_id
        )
    elif found != content.organization_id:
        raise Refused("already_exists", f"An organization called {profile.slug} exists and is no demonstration.")
    elif committed_units(database, content) > len(content.units):
        return summary  # complete, and worked with since
    load(database, content)
    furnish(database, content, profile, store=store)
    logins = [Login(person.person_id, person.login, person.password) for person in summary.people]
    set_passwords(database, content.organization_id, logins=logins, passwords=passwords)
    return summary


def seed(database: Database, *, today: date, passwords: Passwords, store: BlobStore) -> tuple[SeedSummary, ...]:
    """Make all demonstration organizations. Raises Refused as `seed_organization` does."""
    return tuple(
        seed_organization(database, profile, today=today, passwords=passwords, store=store) for profile in PROFILES
    )
