"""The life of one row of every synced table, lived once on one server by two devices and told table by table.

Each step is taken by all tables before the next one, so that a handful of syncs is enough; what a table could not do is
noted under its name and stops no other. Expectations come from the declarations, the matrix of permissions and the
scope oracle.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from cmms_desktop.application.commands import conflicts
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.application import planning
from sync_server.application.planning import Step
from sync_server.authz.visibility import Caller
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.matrix import cells_of
from sync_server.errors import CmmsError, Refused
from tests.support import convergence
from tests.support.device_side import Client
from tests.support.fleet import Fleet, FleetDevice
from tests.support.row_builder import AT, built, changeable
from tests.support.scope_oracle import all_rows, reasons_of, stages_of
from tests.support.second_site import add_second_site
from tests.support.server_side import Organization

ROLES = ("technician", "supervisor", "planner", "manager", "admin", "customer")
NOBODYS = "00000000-0000-4000-8000-000000000001"


@dataclass(repr=False)
class Lives:
    """What became of each table's row. Every dictionary is by entity, or by entity and something else."""

    fleet: Fleet
    other: Organization
    """Another organization with one row of everything, too."""
    ids: dict[str, str] = field(default_factory=dict)
    other_ids: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """Entity → the first step that raised, and what."""
    people: dict[str, Client] = field(default_factory=dict)
    """Role, or `elsewhere`, → a device of somebody in it."""
    seen: dict[tuple[str, str, str], tuple[bool, bool]] = field(default_factory=dict)
    """Entity, who, step → whether the row is there, and whether it should be."""
    same: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Entity, step → whether the device has just what the server has."""
    standing: dict[str, tuple[Scalar, Scalar, Scalar]] = field(default_factory=dict)
    """Entity → what stood after two people differed, whose value had to, and what stood when it was settled."""
    manager: FleetDevice = field(init=False)
    technician: FleetDevice = field(init=False)

    @property
    def organization(self) -> Organization:
        return self.fleet.organization

    def row(self, entity: str) -> Row:
        return self.organization.stands(entity, self.ids[entity])

    def each(self, step: str, entities: Iterable[str], act: Callable[[str], None]) -> None:
        """Do one step for some tables; what raises is noted, and that table goes no further."""
        for entity in entities:
            if entity not in self.failed:
                try:
                    act(entity)
                except (CmmsError, AssertionError, LookupError) as error:
                    self.failed[entity] = f"{step}: {error!r}"

    def look(self, step: str, holders: Mapping[str, Mapping[Key, Row]], people: Mapping[str, str]) -> None:
        """Note who has which row now, and who should by the words of sync.md §2."""
        rows = all_rows(self.organization)
        reasons, _ = reasons_of(rows, stages_of(self.organization, rows))
        for name, there in holders.items():
            scopes = convergence.scopes_of(self.organization, people[name])
            for entity, row_id in self.ids.items():
                row = rows[entity][row_id]
                held = any((scope, row["aggregate_id"]) in reasons for scope in scopes)
                self.seen[entity, name, step] = (
                    (entity, row_id) in there,
                    held and row["deleted_at"] is None,
                )
                if name == "the manager's device" and (entity, row_id) in there:
                    self.same[entity, step] = there[entity, row_id] == row

    def look_at_devices(self, step: str) -> None:
        for device in (self.manager, self.technician):
            device.sync_well()
        holders = {
            "the manager's device": convergence.live_rows(self.manager.workplace.replica),
            "the technician's device": convergence.live_rows(self.technician.workplace.replica),
        }
        people = dict(zip(holders, (self.manager.person_id, self.technician.person_id), strict=True))
        self.look(step, holders, people)


def live(fleet: Fleet) -> Lives:
    """Let all rows live, from the builder to the conflict; give what happened."""
    lives = Lives(fleet, fleet.stoppable.server.organization())
    site_2 = add_second_site(fleet.small)
    lives.manager, lives.technician = fleet.device("manager"), fleet.device("technician")
    _fill(lives)
    lives.look_at_devices("arrived")
    _people_look(lives, site_2)
    _differ(lives)
    _delete_and_restore(lives)
    _leave_and_return(lives)
    return lives


# ---- the steps


def insert(organization: Organization, entity: str, ground: dict[str, str], *, name: str = "") -> Row:
    """Build a row and write it through the unit of work, with what cannot be without it."""
    row = built(entity, organization.id, ground, name=name)
    organization.commit([(entity, row), *_along(organization, entity, row)])
    return row


def _along(organization: Organization, entity: str, row: Row) -> list[tuple[str, Row]]:
    """Rows that have to be written with one: a level is the sum of its movements (invariant 17)."""
    if entity == "stock_level":
        ground = {name: str(row[f"{name}_id"]) for name in ("stock_location", "part")}
        root = dict.fromkeys(("work_order", "vendor"), str(row["id"]))
        values = {
            "aggregate_id": row["id"],
            "work_order_id": None,
            "vendor_id": None,
            "quantity": row["quantity"] or "0",
        }
        moved = built("stock_movement", organization.id, {**ground, **root}, name="of the level", **values)
        return [("stock_movement", moved)] if row["quantity"] not in (None, "0") else []
    if entity == "stock_movement":
        (level,) = [
            each
            for each in organization.rows("stock_level")
            if (each["stock_location_id"], each["part_id"]) == (row["stock_location_id"], row["part_id"])
        ]
        return [("stock_level", {**level, "quantity": row["quantity"]})]
    return []


def _fill(lives: Lives) -> None:
    small = lives.fleet.small
    ground = {"site": small.site_id, "work_order": small.order_ids[0], "asset": small.asset_id, "team": small.team_id}
    ground["told"] = lives.manager.person_id  # whose device is looked at in each step
    lives.each("insert", REGISTRY, lambda entity: _insert_first(lives.organization, entity, ground, lives.ids))
    ground_2: dict[str, str] = {}
    for entity in REGISTRY:
        _insert_first(lives.other, entity, ground_2, lives.other_ids)


def _insert_first(organization: Organization, entity: str, ground: dict[str, str], ids: dict[str, str]) -> None:
    name = "second" if entity == "asset_stub" and ground["asset"] not in ids.values() else ""
    row_id = str(insert(organization, entity, ground, name=name)["id"])
    ids[entity] = row_id
    ground.setdefault(entity, row_id)


def _people_look(lives: Lives, site_2: str) -> None:
    """Everybody pulls by hand: each role at the site, and a technician of another one."""
    organization, small = lives.organization, lives.fleet.small
    site, elsewhere = organization.stands("site", small.site_id), organization.stands("site", site_2)
    for role in ROLES:
        lives.people[role] = organization.device(organization.person(role, site))
    lives.people["elsewhere"] = organization.device(organization.person("technician", elsewhere))
    order_id, holder = small.order_ids[0], lives.people["technician"].person_id
    organization.add("work_order_assignment", aggregate_id=order_id, work_order_id=order_id, person_id=holder)
    for client in lives.people.values():
        client.sync()
    holders = {name: dict(client.mirror.rows) for name, client in lives.people.items()}
    lives.look("arrived", holders, {name: client.person_id for name, client in lives.people.items()})


def with_conflicts() -> list[str]:
    """Entities about whose rows two people may differ, as the declarations and rights of a manager say."""
    return [name for name in REGISTRY if "manager" in cells_of(name, "change") and changeable(name)]


def edit_field(write: LocalWrite, entity: str, row_id: str, name: str, value: Scalar) -> None:
    """Change one field on a device, whatever it is called."""
    values: dict[str, Any] = {name: value}
    write.set(entity, row_id, **values)


def _differ(lives: Lives) -> None:
    """The manager changes each row without network, the office another way; he chooses his own afterwards."""
    device, organization = lives.manager, lives.organization

    def edit(entity: str) -> None:
        found = changeable(entity)
        assert found is not None
        column, mine, theirs = found
        with device.workplace.replica.write() as write:
            edit_field(write, entity, lives.ids[entity], column.name, mine)
        assert device.see(entity, lives.ids[entity])[column.name] == mine
        organization.change(entity, lives.ids[entity], **{column.name: theirs})

    device.offline()
    lives.each("change on the device", with_conflicts(), edit)
    device.sync_well()
    device.sync_well()
    lost = {str(row["target_id"]): str(row["id"]) for row in organization.rows("conflict")}
    stood: dict[str, Scalar] = {}

    def settle(entity: str) -> None:
        found = changeable(entity)
        assert found is not None
        stood[entity] = lives.row(entity)[found[0].name]
        assert device.see(entity, lives.ids[entity])[found[0].name] == stood[entity]
        with device.workplace.replica.write() as write:
            conflicts.settle(write, lost[lives.ids[entity]], "mine")

    device.offline()
    lives.each("settle the conflict", with_conflicts(), settle)
    lives.look_at_devices("settled")

    def note(entity: str) -> None:
        found = changeable(entity)
        assert found is not None
        column, _, theirs = found
        lives.standing[entity] = (stood[entity], theirs, lives.row(entity)[column.name])

    lives.each("look at what stands", with_conflicts(), note)


def _delete_and_restore(lives: Lives) -> None:
    kept = [name for name, spec in REGISTRY.items() if not spec.append_only]
    organization = lives.organization
    lives.each("delete", kept, lambda each: _void(organization.change(each, lives.ids[each], deleted_at=AT)))
    lives.look_at_devices("deleted")
    lives.each("restore", kept, lambda each: _void(organization.change(each, lives.ids[each], deleted_at=None)))
    lives.look_at_devices("restored")


def _void(_: object) -> None:
    return None


def _leave_and_return(lives: Lives) -> None:
    """The technician loses his site and his order, and gets both back."""
    organization, person_id = lives.organization, lives.technician.person_id
    ties = [
        (entity, str(row["id"]))
        for entity in ("site_access", "work_order_assignment")
        for row in organization.rows(entity)
        if row["person_id"] == person_id
    ]
    for step, deleted_at in (("left", AT), ("returned", None)):
        for entity, row_id in ties:
            organization.change(entity, row_id, deleted_at=deleted_at)
        lives.look_at_devices(step)


# ---- what people may do, asked of the server itself


def answer_to(organization: Organization, person_id: str, step: Step) -> tuple[str, str] | None:
    """What somebody who pushes one change is answered: code and sentence of the refusal; None: it was taken."""
    caller = Caller(organization.id, person_id, str(uuid4()))
    try:
        planning.act(organization.database, caller, [step], at=AT)
    except Refused as refusal:
        return refusal.code, refusal.sentence
    return None
