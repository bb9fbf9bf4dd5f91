"""Rows in memory on which the policy decides: an order with its checklist, an asset, stock, and three people.

`Scene.apply` is what both sides do with an outcome: lay the changes down, count the version. It also holds the policy
to its word: every row that it asks for has to be named by `reads` or `more_reads`, because a server locks those only.
"""

import itertools
from dataclasses import dataclass, field

import msgspec

from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Base, Clock, Mutation
from sync_server.contract.rules.draft import Actor, Key, level_id, stub_id
from sync_server.contract.rules.policy import Outcome, decide, more_reads, reads
from sync_server.contract.version import MUTATION

AT = "2026-03-02T08:00:00.000000Z"
LATER = "2026-03-02T09:30:00.000000Z"
EPOCH = "00000000-0000-7000-8000-00000000e001"


def id_of(letter: str, n: int = 1) -> str:
    """A readable id; letters a to f."""
    return f"00000000-0000-7000-8000-{letter * 4}{n:08x}"


TECHNICIAN, COLLEAGUE, SUPERVISOR, PLANNER, MANAGER = (id_of("a", n) for n in range(1, 6))
SITE, ELSEWHERE = id_of("b"), id_of("b", 2)
ORDER, CHECKLIST, OTHER_ORDER = id_of("c"), id_of("c", 2), id_of("c", 3)
ITEMS = tuple(id_of("d", n) for n in range(1, 4))
ASSET, VAN, STORE, PART, OTHER_PART = (id_of("e", n) for n in range(1, 6))
PERFORMED, APPROVED, VISIT, COMMENT = (id_of("f", n) for n in range(1, 5))

technician = Actor(TECHNICIAN, "technician", {SITE: "technician"})
colleague = Actor(COLLEAGUE, "technician", {SITE: "technician"})
supervisor = Actor(SUPERVISOR, "supervisor", {SITE: "supervisor"})
planner = Actor(PLANNER, "planner", {SITE: "planner"})
manager = Actor(MANAGER, "manager")

_numbers = itertools.count(1)


def row(entity: str, row_id: str, aggregate_id: str | None = None, **values: Scalar) -> Row:
    """A whole row as the server has it, with defaults for what is not named."""
    stamps: Row = {"version": 1, "sync_seq": 1, "row_hash": 1, "created_at": AT, "updated_at": AT}
    return completed(REGISTRY[entity], {"id": row_id, "aggregate_id": aggregate_id or row_id, **stamps, **values})


def order(**values: Scalar) -> Row:
    """The order, in progress unless said otherwise."""
    named: Row = {"number": "WO-1", "title": "Pump 3 leaks", "status": "in_progress", "site_id": SITE}
    return row("work_order", ORDER, **{**named, **values})


def item(n: int = 0, **values: Scalar) -> Row:
    """An item of the order's checklist: pass_fail, unanswered, unless said otherwise."""
    named: Row = {"checklist_id": CHECKLIST, "key": f"item-{n}", "position": n, "kind": "pass_fail", "prompt": "Oil"}
    return row("checklist_item", ITEMS[n], ORDER, **{**named, **values})


def level(location_id: str, part_id: str, quantity: str) -> Row:
    """The level of a part at a stock location."""
    values: Row = {"stock_location_id": location_id, "part_id": part_id, "quantity": quantity}
    return row("stock_level", level_id(location_id, part_id), **values)


def asset(**values: Scalar) -> Row:
    """The asset that the order is about."""
    return row("asset", ASSET, **{"site_id": SITE, "code": "P-3", "name": "Pump 3", **values})


def stub(**values: Scalar) -> Row:
    """The stub of the asset."""
    named: Row = {"asset_id": ASSET, "site_id": SITE, "code": "P-3", "name": "Pump 3"}
    return row("asset_stub", stub_id(ASSET), **{**named, **values})


def everything() -> list[Row]:
    """One of each that the tests write on."""
    return [order(), row("checklist", CHECKLIST, ORDER, work_order_id=ORDER, name="Monthly"), *map(item, range(3))]


def mutation(
    type_: str,
    row_id: str,
    aggregate_id: str | None = None,
    *,
    entity: str | None = None,
    seen: int = 1,
    mutation_id: str | None = None,
    **changes: tuple[Scalar, Scalar],
) -> Mutation:
    """A local change; `seen` is the version of the row that its author saw."""
    own = mutation_id or f"99999999-0000-7000-8000-{next(_numbers):012x}"
    return Mutation(
        mutation_id=own,
        device=id_of("d", 99),
        user=TECHNICIAN,
        group=own,
        type=type_,
        v=MUTATION,
        aggregate_id=aggregate_id or row_id,
        entity=entity or type_.rpartition(".")[0],
        id=row_id,
        base=Base(epoch=EPOCH, version=seen, seq=1),
        set=changes,
        at=Clock(device=AT),
    )


def edit_order(**changes: tuple[Scalar, Scalar]) -> Mutation:
    """A `work_order.set` on the order."""
    return mutation("work_order.set", ORDER, **changes)


def edit_item(n: int = 0, **changes: tuple[Scalar, Scalar]) -> Mutation:
    """A `checklist_item.set` on an item of the order."""
    return mutation("checklist_item.set", ITEMS[n], ORDER, **changes)


def create(entity: str, row_id: str, aggregate_id: str | None = None, **values: Scalar) -> Mutation:
    """A creation with these values."""
    return mutation(f"{entity}.create", row_id, aggregate_id, seen=0, **{k: (None, v) for k, v in values.items()})


def movement(
    n: int, quantity: str, *, location: str = VAN, part: str = PART, work_order_id: str | None = ORDER
) -> Mutation:
    """A movement of a part: on the order, or of the level alone."""
    return create(
        "stock_movement",
        id_of("f", 1000 + n),
        work_order_id or level_id(location, part),
        stock_location_id=location,
        part_id=part,
        work_order_id=work_order_id,
        kind=("usage" if str(quantity).startswith("-") else "return") if work_order_id else "adjustment",
        quantity=quantity,
        moved_at=AT,
    )


ROLES = {SUPERVISOR: "supervisor", PLANNER: "planner", MANAGER: "manager"}


def sign(meaning: str, signature_id: str, signer: str = TECHNICIAN) -> Mutation:
    """A signature on the order; the policy never looks into its body."""
    return create(
        "signature",
        signature_id,
        ORDER,
        work_order_id=ORDER,
        meaning=meaning,
        signer_id=signer,
        signer_role="customer" if meaning in {"accepted", "refused"} else ROLES.get(signer, "technician"),
        signer_device_id=id_of("d", 99),
        body="{}",
        body_sha256="0" * 64,
        signature="x",
        signed_at=AT,
    )


@dataclass
class Scene:
    """Rows by key. `apply` decides on them and lays the outcome down."""

    rows: dict[Key, Row] = field(default_factory=dict)
    asked: set[Key] = field(default_factory=set)

    def get(self, entity: str, row_id: str) -> Row | None:
        self.asked.add((entity, row_id))
        return self.rows.get((entity, row_id))

    def decide(self, made: Mutation, actor: Actor = technician, *, at: str = LATER) -> Outcome:
        """Decide without laying down; also checks that only rows were asked for that a server would have locked."""
        self.asked = set()
        outcome = decide(made, self, actor=actor, at=at)
        asked, named = set(self.asked), {*reads(made), *more_reads(made, self)}
        asked -= {key for key in asked if key[0] == "conflict"}  # written under the lock of their root only
        assert asked <= named, f"asked for {asked - named}, which reads() does not name"
        return outcome

    def apply(self, made: Mutation, actor: Actor = technician, *, at: str = LATER) -> Outcome:
        """Decide and lay the changes and the conflicts down, as the server does."""
        outcome = self.decide(made, actor, at=at)
        for key, changed in outcome.changes.items():
            self.rows[key] = {**changed, "version": int(changed["version"] or 0) + 1}
        for conflict in outcome.conflicts:
            self.rows["conflict", str(conflict["id"])] = {**conflict, "version": 1}
        return outcome

    def only(self, entity: str) -> Row:
        """The one row of an entity."""
        (found,) = [found for (name, _), found in self.rows.items() if name == entity]
        return found

    @property
    def order(self) -> Row:
        return self.rows["work_order", ORDER]


def scene(*rows: Row) -> Scene:
    """A scene of rows; without any, of the order with its checklist."""
    by_names = {spec.names: name for name, spec in REGISTRY.items()}
    return Scene({(by_names[tuple(one)], str(one["id"])): one for one in rows or everything()})


def refusal(outcome: Outcome) -> str:
    """The code with which a mutation was refused; nothing came of it."""
    assert (outcome.status, outcome.changes, outcome.conflicts) == ("rejected", {}, ())
    assert outcome.problem is not None
    assert outcome.problem.sentence.endswith(".")
    return outcome.problem.code


def answer_all(**results: tuple[Scalar, Scalar]) -> Mutation:
    """Answers at once, `i0=(None, "pass")` for the first item: what was seen, and what is answered."""
    pairs = {ITEMS[int(name[1:])]: pair for name, pair in results.items()}
    return msgspec.structs.replace(mutation("checklist.answer_all", CHECKLIST, ORDER), set=pairs)
