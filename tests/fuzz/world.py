"""Two organizations with two sites each, somebody of every role at each of them, and canaries in all that is written.

Always the same things under the same names; only ids and canaries differ from one world to the next.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product

from sync_server.application import device_care, office_records
from sync_server.application.maintenance import schedules
from sync_server.application.maintenance.schedules import ByCalendar, Place
from sync_server.application.organizations import create_organization, set_password
from sync_server.authz import cursors
from sync_server.authz.cursors import Token
from sync_server.authz.passwords import Passwords
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.draft import level_id, stub_id
from sync_server.routines.maintenance import make_orders
from tests.fuzz.planted import Bed, canary
from tests.support.device_side import AT, Client, Device
from tests.support.scope_oracle import OFFICE
from tests.support.server_side import NOW, PASSWORD, Organization, Server, new_id
from tests.support.standing_side import hand_in, part_of, sealed_bytes, standing_of

AT_A_SITE = ("technician", "supervisor", "planner", "customer")
EVERYWHERE = ("manager", "admin")
GIVEN: dict[str, dict[str, Scalar]] = {
    "stock_location": {"kind": "van"},
    "notification": {"received_on": datetime.now(UTC).date().isoformat()},
    "calendar_event": {"team_id": None, "ends_at": "2999-03-02T09:00:00.000000Z"},
}
"""What rows say that stands in no declaration: there are months of notifications for the present only, and an event is
of a person or of a team."""
PLANNED_AT = datetime(2026, 3, 2, tzinfo=UTC)
NAMED = (("work_order_template", "name"), ("site", "code"), ("asset", "code"))
"""What a schedule names, and by which column."""
AT_THE_SITE_ALONE = ("location", "asset_type", "asset", "asset_stub", "part", "checklist_template", "team")


@dataclass
class Actor:
    """Somebody with a device. `name`: the same in every world."""

    name: str
    role: str
    organization: Organization
    site: int
    person_id: str
    client: Client
    login: str
    mutation: dict[str, str] = field(default_factory=dict)
    """Ids of a change that his device has sent."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a request may name. `owner_id`: whose alone it is. `row`, `site`: as and where it was planted."""

    kind: str
    value: str
    organization_id: str
    owner_id: str | None = None
    row: Row | None = None
    site: int | None = None


@dataclass
class World:
    """All that there is to be named, and who may read what lies outside of rows."""

    server: Server
    actors: list[Actor] = field(default_factory=list)
    things: dict[str, list[Thing]] = field(default_factory=dict)
    confided: dict[str, set[str]] = field(default_factory=dict)
    """Id or canary outside of synced rows → people who may read it."""
    photos: dict[str, str] = field(default_factory=dict)
    """Canary in a photo → the photo's SHA-256."""

    def add(self, kind: str, value: object, organization: Organization, **more: object) -> None:
        """Let requests name something."""
        self.things.setdefault(kind, []).append(Thing(kind, str(value), organization.id, **more))  # type: ignore[arg-type]

    def confide(self, value: str, *people: str) -> str:
        """Note that only these people may read something; give it."""
        self.confided[value] = set(people)
        return value


def a_world(server: Server) -> World:
    """Build it; every device has synced."""
    world = World(server)
    for number in (1, 2):
        _build(world, number)
    return world


def _build(world: World, number: int) -> None:
    name, slug = world.confide(canary()), world.confide(canary())
    organization_id = create_organization(world.server.database, slug, name)
    organization = Organization(world.server, organization_id, slug)
    world.add("slug", slug, organization)
    world.add("organization", organization.id, organization)
    beds = [Bed(), Bed()]
    people = [_people(organization, bed, site) for site, bed in enumerate(beds)]
    for bed, here in zip(beds, people, strict=True):
        photo = b"\x89PNG" + secrets.token_bytes(40) + canary().encode()
        _places(organization, bed)
        _orders(organization, bed, photo)
        digest = hashlib.sha256(photo).hexdigest()
        world.photos[photo[-18:].decode()] = digest
        world.add("sha256", digest, organization, owner_id=str(here["technician"]["id"]))
        for role, person in here.items():
            actor = _enrol(world, organization, person, f"{role} {len(world.actors) + 1} of {number}", beds.index(bed))
            if role == "technician":
                _work(world, actor, photo, bed)
    _name_rows(world, organization, beds)
    _keep_records(world, organization, beds)
    _plan_maintenance(world, organization, beds)
    clock = organization.ask("select epoch::text from org_clock where organization_id = %s", organization.id)
    world.add("epoch", clock[0][0], organization)


def _people(organization: Organization, bed: Bed, site: int) -> dict[str, Row]:
    """Plant a site and who works there, with the technician as the person that other rows point at."""
    here = bed.plant("site", latitude=45.0, longitude=-30.0, fence_radius_m=100.0)
    found = {}
    for role in (*AT_A_SITE, *(EVERYWHERE if site == 0 else ())):
        person = found[role] = bed.plant("person", role=role)
        if role in AT_A_SITE:
            bed.plant("site_access", aggregate_id=person["id"], person_id=person["id"], site_id=here["id"], role=role)
    bed.newest["person"] = found["technician"]
    team = bed.plant("team")
    organization.commit(bed.taken())
    bed.plant("team_member", aggregate_id=team["id"])
    organization.commit(bed.taken())
    return found


def _places(organization: Organization, bed: Bed) -> None:
    """Plant what a site has: rooms, equipment, parts, a store and a van with stock."""
    for entity in REGISTRY:
        is_alone = REGISTRY[entity].is_root and entity not in bed.newest
        if is_alone and entity not in {"asset_stub", "stock_level", "work_order", "work_order_cost", "held_mutation"}:
            bed.plant(entity, **GIVEN.get(entity, {}))
            organization.commit(bed.taken())
    asset = bed.newest["asset"]
    shared = {name: asset[name] for name in ("site_id", "code", "name", "serial", "qr_code", "asset_type_id")}
    bed.plant("asset_stub", id=stub_id(str(asset["id"])), **shared)
    for kind in ("van", "store"):
        owner = {"owner_id": bed.newest["person"]["id"] if kind == "van" else None}
        place = bed.plant("stock_location", kind=kind, **owner)
        organization.commit(bed.taken())
        level = level_id(str(place["id"]), str(bed.newest["part"]["id"]))
        bed.plant("stock_level", id=level, quantity="5.0000")
        bed.plant("stock_movement", aggregate_id=level, kind="purchase", quantity="5.0000", work_order_id=None)
    for entity, spec in REGISTRY.items():  # what lies inside of these: the meters of an asset, and whatever comes
        if entity not in bed.newest and set(spec.aggregates).isdisjoint({entity, "work_order", "held_mutation"}):
            bed.plant(entity)
            organization.commit(bed.taken())
    organization.commit(bed.taken())


def _orders(organization: Organization, bed: Bed, photo: bytes) -> None:
    """Plant orders: nobody's, the team's, and the technician's with everything that an order may have in it."""
    for status, whom in (("new", ""), ("assigned", "team_id"), ("assigned", "person_id")):
        order = bed.plant("work_order", status=status)
        if whom:
            assigned = {"person_id": None, "team_id": None, whom: bed.newest[whom.removesuffix("_id")]["id"]}
            bed.plant("work_order_assignment", aggregate_id=order["id"], **assigned)
    organization.commit(bed.taken())
    for entity in AGGREGATES["work_order"]:
        inside = {"aggregate_id": bed.newest["work_order"]["id"]}
        if entity in {"work_order", "work_order_assignment", "stock_movement"}:
            continue
        if entity == "attachment":
            inside |= {"sha256": hashlib.sha256(photo).hexdigest(), "size_bytes": len(photo)}
        if entity == "conflict":
            inside |= {"target_entity": "work_order", "target_id": inside["aggregate_id"]}
        bed.plant(entity, **inside)
        organization.commit(bed.taken())
    if "work_order_cost" not in bed.newest:  # a root of its own, of an order
        bed.plant("work_order_cost")
        organization.commit(bed.taken())
    bed.plant(
        "held_mutation",
        author_id=bed.newest["person"]["id"],
        site_id=bed.newest["site"]["id"],
        body=_held_remark(bed),
        decision=None,
    )
    organization.commit(bed.taken())


def _held_remark(bed: Bed) -> str:
    """The change of somebody who had lost his access, as the server keeps it."""
    order, person = bed.newest["work_order"], bed.newest["person"]
    said = {"work_order_id": order["id"], "author_id": person["id"], "text": canary(), "written_at": NOW}
    mutation_id = new_id()
    mutation = {
        "mutation_id": mutation_id,
        "group": mutation_id,
        "device": new_id(),
        "user": person["id"],
        "type": "comment.create",
        "v": 1,
        "entity": "comment",
        "id": new_id(),
        "aggregate_id": order["id"],
        "base": {"epoch": "", "version": 0, "seq": 0},
        "at": AT,
        "set": {name: [None, value] for name, value in said.items()},
    }
    return json.dumps(mutation)


def _enrol(world: World, organization: Organization, person: Row, name: str, site: int) -> Actor:
    """Sign somebody in on a device of his own, and sync it."""
    person_id, device = str(person["id"]), Device()
    login = world.confide(canary(), person_id)
    set_password(
        organization.database,
        organization.id,
        person_id=person_id,
        login=login,
        password=PASSWORD,
        passwords=Passwords(cheap=True),
    )
    client = Client(organization.server.url, organization.slug, login, organization.server.http, device)
    said = {"id": device.id, "public_key": device.public_key, "name": world.confide(canary()), "app_version": "1"}
    body = {"organization": organization.slug, "login": login, "password": PASSWORD, "device": said}
    client.session = client.post("/v1/sign-in", body).raise_for_status().json()
    client.sync()
    actor = Actor(name, str(person["role"]), organization, site, person_id, client, login)
    world.actors.append(actor)
    for kind, value in (
        ("device", world.confide(device.id, person_id)),
        ("public_key", device.public_key),
        ("login", login),
        ("cursor", client.mirror.cursor),
        ("refresh", client.session["refresh_token"]),
        ("access", client.session["access_token"]),
        ("token", _slice_token(actor)),
    ):
        world.add(kind, value, organization, owner_id=person_id)
    return actor


def _slice_token(actor: Actor) -> str:
    """Sign a place inside of a bootstrap, as the server does for scopes that are larger than any here."""
    mirror = actor.client.mirror
    place = Token(mirror.epoch, "org:catalog", mirror.seq, mirror.nonce, "00000000-0000-0000-0000-000000000000")
    key = actor.organization.server.services.cursor_key
    return cursors.sign(place, key=key, caller=actor.organization.caller(actor.client))


def _work(world: World, actor: Actor, photo: bytes, bed: Bed) -> None:
    """Let a technician send a photo and a remark, hand something in, and have something to do."""
    client, organization = actor.client, actor.organization
    headers = {"Upload-Offset": "0", "Upload-Length": str(len(photo))}
    path = f"/v1/blobs/{hashlib.sha256(photo).hexdigest()}"
    assert client.request("PATCH", path, content=photo, headers=headers).status_code == 204
    remark = client.comment(bed.newest["work_order"], canary())
    assert client.push_one(remark)["status"] == "applied"
    for kind in ("mutation_id", "group"):
        actor.mutation[kind] = world.confide(remark[kind], actor.person_id)
        world.add(kind, remark[kind], organization, owner_id=actor.person_id)
    whole = sealed_bytes(200) + world.confide(canary()).encode()
    assert hand_in(client, part_of(client.device, organization.id, whole)).status_code == 200
    world.add("sealed", hashlib.sha256(whole).hexdigest(), organization, owner_id=actor.person_id)
    device_care.command(organization.database, organization.id, client.device.id, kind="verify")
    (command,) = standing_of(client, organization.id).json()["commands"]
    world.add("command", world.confide(command["id"], actor.person_id), organization, owner_id=actor.person_id)


def _name_rows(world: World, organization: Organization, beds: list[Bed]) -> None:
    """Let requests name every row that was planted, in that order, and every text that people know things by."""
    stands = {(entity, str(row["id"])): row for entity in REGISTRY for row in organization.rows(entity)}
    for entity, row_id, site in [(*key, site) for site, bed in enumerate(beds) for key in bed.planted]:
        row = stands[entity, row_id]
        world.add(entity, row_id, organization, row=row, site=site)
        natural = REGISTRY[entity].natural_key
        if natural is not None:
            world.add("text", row[natural], organization)
        if entity == "work_order":
            world.add("title", row["title"], organization)


def _keep_records(world: World, organization: Organization, beds: list[Bed]) -> None:
    """Let the office keep records, of which the manager's names an order at each site."""
    (manager,) = [each for each in world.actors if each.organization is organization and each.role == "manager"]
    caller = organization.caller(manager.client)

    def make(kind: str, /, **values: str) -> str:
        record_id = office_records.make(organization.database, caller, kind, values)
        world.add("record", record_id, organization)
        return record_id

    project = make("projects", code=canary(), name=canary())
    for bed in beds:
        make("project-work-orders", project_id=project, work_order_id=str(bed.newest["work_order"]["id"]))
    make("documents", number=canary(), title=canary())
    make("procedures", code=canary(), name=canary())
    make("changes", number=canary(), title=canary(), reason=canary())


def _plan_maintenance(world: World, organization: Organization, beds: list[Bed]) -> None:
    """Plan something at each site, which was done once: its office may read of it."""
    for site, bed in enumerate(beds):
        here = [each for each in world.actors if each.organization is organization and each.site in {site, 0}]
        office = [each for each in here if each.role in EVERYWHERE or (each.site == site and each.role in OFFICE)]
        people = [each.person_id for each in office]
        template, place, asset = (str(bed.newest[name][key]) for name, key in NAMED)
        when = ByCalendar("FREQ=DAILY", PLANNED_AT.date(), minute_of_day=0)
        name = world.confide(canary(), *people)
        planned = Place(template, place, asset)
        schedule_id = schedules.add(organization.database, organization.id, name, planned, when, at=PLANNED_AT)
        world.confide(schedule_id, *people)
    make_orders(organization.database, organization.id, at=PLANNED_AT)
    ask = "select work_order_id::text from maintenance_occurrence where organization_id = %s"
    for (order_id,) in organization.ask(ask, organization.id):
        organization.change("work_order", order_id, status="closed", closed_at=NOW)


def every_site(world: World) -> list[tuple[Organization, int]]:
    """Each organization with each of its sites."""
    organizations = {actor.organization.id: actor.organization for actor in world.actors}
    return list(product(organizations.values(), (0, 1)))
