"""Who tries what on a real server, with which records of his own; and how a mutation is made, changed and deleted.

A `Trial` is a mutation of one person with what the matrix says of it. Each person has records of his own to try on, so
that no trial depends on another. What is expected is read from the matrix; how far a scope reaches is said here anew.
What is tried in each cell is in matrix_cells.py.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.matrix import MATRIX
from tests.support.device_side import Client, Json
from tests.support.server_side import Organization, a_row, new_id

PLACES = ("holder", "at_site", "elsewhere")
"""Who tries: he holds the order at the site; he has his role at the site only; he has it at another site."""
REACH = {
    "holder": {"own", "team", "site", "organization"},
    "at_site": {"site", "organization"},
    "elsewhere": set(),
}
SITELESS = frozenset(
    {
        *("part", "asset_type", "tag", "checklist_template", "work_order_template", "work_order_template_part"),
        *("custom_field", "vendor", "site", "person", "person_permission"),
    }
)
EVERYWHERE = frozenset({"manager", "admin"})
CLASH = frozenset({"work", "plan", "complete", "review", "reopen"})
"""What is refused of these is kept as a conflict or a request of its author, and changes nothing."""


ASKED = frozenset({"work_order_assignment"})
"""What is allowed of these is kept as a request, unless the office does it (test_assigning.py)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What somebody tries. `watched`: the row and field that tell whether it had an effect; None: the verdict does."""

    resource: str
    action: str
    mutation: Json
    is_allowed: bool
    watched: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        return f"{self.resource}.{self.action}"


@dataclass(slots=True)
class World:
    """A site with what trials need, and another one."""

    organization: Organization
    site: Row
    far: Row
    colleague: Row
    part: Row
    store: Row

    @classmethod
    def of(cls, organization: Organization) -> "World":
        site, far = organization.site(), organization.site()
        colleague = organization.person("technician", site)
        part = organization.add("part", code=new_id(), name="Filter")
        store = organization.add("stock_location", site_id=site["id"], kind="store", code="S", name="Store")
        return cls(organization, site, far, colleague, part, store)


@dataclass(slots=True)
class Trying:
    """One person in one place, with a device, and the records on which he tries."""

    world: World
    role: str
    place: str
    rows: list[tuple[str, Row]] = field(default_factory=list)
    person: Row = field(init=False)
    order: Row = field(init=False)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        sites = [self.world.far if self.place == "elsewhere" else self.world.site]
        self.person = self.world.organization.person(self.role, *([] if self.role in EVERYWHERE else sites))
        self.order = self.an_order("in_progress")

    def trials(self, builders: Mapping[tuple[str, str], "Builder"]) -> Iterator[Trial]:
        """Make his records in one commit, let his device read them, and give what he tries, an action at a time."""
        cells = [(resource, action) for resource, spec in MATRIX.items() for action in spec.actions]
        builds = [builders[cell](self) for cell in cells]
        self.world.organization.commit(self.rows)
        self.client = self.world.organization.device(self.person)
        self.client.mirror.apply(self.client.pull())
        for (resource, action), build in zip(cells, builds, strict=True):
            mutation = build()
            watched = (mutation["entity"], mutation["id"], *mutation["set"]) if action in CLASH else None
            yield Trial(resource, action, mutation, is_allowed=self.may(resource, action), watched=watched)

    def may(self, resource: str, action: str) -> bool:
        """Whether the matrix lets him."""
        scope = MATRIX[resource].actions[action].get(self.role)
        if scope == "organization" and (self.role in EVERYWHERE or resource in SITELESS):
            return True
        return scope in REACH[self.place]

    # ---- records

    def put(self, entity: str, **values: Scalar) -> Row:
        """Plan a row, as it will stand after the commit."""
        row = a_row(entity, **values)
        self.rows.append((entity, row))
        return {**row, "version": 1}

    def inside(self, entity: str, **values: Scalar) -> Row:
        """Plan a row inside of his order."""
        named: dict[str, Scalar] = {"aggregate_id": self.order["id"], **values}
        if "work_order_id" in REGISTRY[entity].by_name:
            named["work_order_id"] = self.order["id"]
        return self.put(entity, **named)

    def an_order(self, status: str, **values: Scalar) -> Row:
        """Plan an order; he has it when he is its holder, else a colleague."""
        named: dict[str, Scalar] = {"number": new_id(), "title": "Order", "site_id": self.world.site["id"]}
        order = self.put("work_order", **{**named, "status": status, "requires_signature": False, **values})
        holder = self.person if self.place == "holder" else self.world.colleague
        assigned = {"aggregate_id": order["id"], "work_order_id": order["id"], "person_id": holder["id"]}
        self.put("work_order_assignment", **assigned)
        return order

    def an_asset(self) -> Row:
        """Plan an asset of the site that his order lends him."""
        asset = self.put("asset", site_id=self.world.site["id"], code=new_id(), name="Pump")
        self.an_order("assigned", asset_id=asset["id"])
        return asset


Build = Callable[[], Json]
Builder = Callable[[Trying], Build]


def made(entity: str, values: Callable[[Trying], dict[str, Scalar]]) -> Builder:
    return lambda t: lambda: t.client.create(entity, **values(t))


def made_inside(entity: str, values: Callable[[Trying], dict[str, Scalar]]) -> Builder:
    def build(t: Trying) -> Build:
        named = values(t)
        if "work_order_id" in REGISTRY[entity].by_name:
            named["work_order_id"] = t.order["id"]
        return lambda: t.client.create(entity, aggregate_id=t.order["id"], **named)

    return build


def edited(entity: str, row: Callable[[Trying], Row], **values: Scalar) -> Builder:
    def build(t: Trying) -> Build:
        found = row(t)
        return lambda: t.client.edit(entity, found, **values)

    return build


def deleted(entity: str, row: Callable[[Trying], Row]) -> Builder:
    def build(t: Trying) -> Build:
        found = row(t)
        return lambda: t.client.mutation(f"{entity}.delete", found["id"], aggregate_id=found["aggregate_id"])

    return build


def all_three(
    entity: str, row: Callable[[Trying], dict[str, Scalar]], **changed: Scalar
) -> dict[tuple[str, str], Builder]:
    """Make, change and delete a root, or a row whose `aggregate_id` says what it is in."""

    def create(t: Trying) -> Build:
        named = row(t)
        above = named.pop("aggregate_id", None)
        return lambda: t.client.create(entity, aggregate_id=above, **named)

    return {
        (entity, "create"): create,
        (entity, "change"): edited(entity, lambda t: t.put(entity, **row(t)), **changed),
        (entity, "delete"): deleted(entity, lambda t: t.put(entity, **row(t))),
    }


def all_inside(
    entity: str, row: Callable[[Trying], dict[str, Scalar]], **changed: Scalar
) -> dict[tuple[str, str], Builder]:
    """Make, change and delete a row inside of his order."""
    return {
        (entity, "create"): made_inside(entity, row),
        (entity, "change"): edited(entity, lambda t: t.inside(entity, **row(t)), **changed),
        (entity, "delete"): deleted(entity, lambda t: t.inside(entity, **row(t))),
    }
