"""A small organization to work in: one site, five people, a team, two parts, a van each, and a handful of orders.

Small enough that a device has all of it in one slice, and large enough that everything of a day can be done. Every
order has a checklist with each kind of item.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from sync_server.application.organizations import Login, set_passwords
from sync_server.authz.passwords import Passwords
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.draft import level_id, stub_id
from tests.support.server_side import Organization, a_row

PASSWORD = "correct horse battery"
ROLES = {
    "technician": "technician",
    "technician2": "technician",
    "supervisor": "supervisor",
    "planner": "planner",
    "manager": "manager",
}
"""Login → role. Everybody but the manager is entered for the site in his role."""
LATITUDE, LONGITUDE = 45.02, -30.0
"""In the middle of an ocean, so that nobody lives there."""
FENCE_M = 100.0
VAN_STOCK = Decimal(5)
STORE_STOCK = Decimal(50)

Rows = list[tuple[str, Row]]


@dataclass
class SmallSite:
    """Ids of what there is."""

    organization: Organization
    site_id: str = ""
    people: dict[str, str] = field(default_factory=dict)
    """Login → id of the person."""
    team_id: str = ""
    store_id: str = ""
    van_ids: dict[str, str] = field(default_factory=dict)
    """Login of the owner → id of his van."""
    part_ids: list[str] = field(default_factory=list)
    asset_id: str = ""
    asset_code: str = "PUMP-1"
    order_ids: list[str] = field(default_factory=list)
    """0 and 1: the technician's; 2: the second one's; 3: the team's; 4: nobody's yet."""


def build(organization: Organization) -> SmallSite:
    """Write it all through the unit of work."""
    small = SmallSite(organization)
    organization.commit([*_places(small), *_people(small), *_equipment(small)])
    organization.commit(_stock(small))
    for number, (login, team) in enumerate(
        [("technician", 0), ("technician", 0), ("technician2", 0), ("", 1), ("", 0)]
    ):
        organization.commit(_order(small, number + 1, login=login, for_team=bool(team)))
    set_passwords(
        organization.database,
        organization.id,
        logins=[Login(person_id, login, PASSWORD) for login, person_id in small.people.items()],
        passwords=Passwords(cheap=True),
    )
    return small


def _id(row: Row) -> str:
    return str(row["id"])


def _places(small: SmallSite) -> Rows:
    site = a_row("site", code="S1", name="Site", latitude=LATITUDE, longitude=LONGITUDE, fence_radius_m=FENCE_M)
    small.site_id = _id(site)
    room = a_row("location", site_id=small.site_id, kind="room", code="R1", name="Room")
    return [("site", {**site, "time_zone": "UTC"}), ("location", room)]


def _people(small: SmallSite) -> Rows:
    rows: Rows = []
    for login, role in ROLES.items():
        person = a_row("person", name=f"The {login}", role=role)
        small.people[login] = _id(person)
        rows.append(("person", person))
        if role != "manager":
            access = a_row(
                "site_access", aggregate_id=_id(person), person_id=_id(person), site_id=small.site_id, role=role
            )
            rows.append(("site_access", access))
    team = a_row("team", name="Team", site_id=small.site_id)
    small.team_id = _id(team)
    return [*rows, ("team", team)]


def _equipment(small: SmallSite) -> Rows:
    kind = a_row("asset_type", code="PUMP", name="Pump")
    asset = a_row(
        "asset",
        site_id=small.site_id,
        asset_type_id=_id(kind),
        code=small.asset_code,
        name="Pump one",
        qr_code="qr-1",
        status="operational",
    )
    small.asset_id = _id(asset)
    shared = {name: asset[name] for name in ("site_id", "code", "name", "serial", "qr_code", "asset_type_id")}
    stub = a_row("asset_stub", id=stub_id(small.asset_id), asset_id=small.asset_id, **shared)
    return [("asset_type", kind), ("asset", asset), ("asset_stub", stub)]


def _stock(small: SmallSite) -> Rows:
    parts = [a_row("part", code=f"P-{n}", name=f"Part {n}", unit="each") for n in (1, 2)]
    small.part_ids = [_id(part) for part in parts]
    store = a_row("stock_location", site_id=small.site_id, kind="store", code="ST", name="Store")
    small.store_id = _id(store)
    rows: Rows = [*(("part", part) for part in parts), ("stock_location", store)]
    for login in ("technician", "technician2"):
        van = a_row(
            "stock_location",
            site_id=small.site_id,
            owner_id=small.people[login],
            kind="van",
            code=f"VAN-{login}",
            name=f"Van of the {login}",
        )
        small.van_ids[login] = _id(van)
        rows.append(("stock_location", van))
    for part_id in small.part_ids:
        rows += purchase(small.store_id, part_id, STORE_STOCK)
        for van_id in small.van_ids.values():
            rows += purchase(van_id, part_id, VAN_STOCK)
    return rows


def purchase(location_id: str, part_id: str, quantity: Decimal) -> Rows:
    key, amount = level_id(location_id, part_id), f"{quantity:.4f}"
    shared: dict[str, Scalar] = {"stock_location_id": location_id, "part_id": part_id, "quantity": amount}
    movement = a_row(
        "stock_movement", aggregate_id=key, kind="purchase", moved_at="2026-03-01T08:00:00.000000Z", **shared
    )
    return [("stock_level", a_row("stock_level", id=key, **shared)), ("stock_movement", movement)]


def _order(small: SmallSite, number: int, *, login: str, for_team: bool) -> Rows:
    order = a_row(
        "work_order",
        number=f"WO-{number:04}",
        title=f"Order {number}",
        description=f"Order {number} as planned.",
        status="assigned" if login or for_team else "new",
        site_id=small.site_id,
        asset_id=small.asset_id,
        route_position=number,
    )
    order_id = _id(order)
    small.order_ids.append(order_id)
    rows: Rows = [("work_order", order)]
    if login or for_team:
        who: dict[str, Scalar] = {"team_id": small.team_id} if for_team else {"person_id": small.people[login]}
        rows.append(
            (
                "work_order_assignment",
                a_row("work_order_assignment", aggregate_id=order_id, work_order_id=order_id, **who),
            )
        )
    return [*rows, *checklist_of(order_id)]


ITEMS: tuple[dict[str, Scalar], ...] = (
    {"key": "clean", "kind": "pass_fail", "prompt": "Unit is clean"},
    {"key": "quiet", "kind": "pass_fail", "prompt": "Unit runs quietly"},
    {"key": "bar", "kind": "number", "prompt": "Pressure", "unit": "bar", "minimum": "2.0000", "maximum": "6.0000"},
    {"key": "seen", "kind": "text", "prompt": "What was seen"},
    {"key": "colour", "kind": "choice", "prompt": "Colour of the oil", "choices": '["clear","dark"]'},
    {"key": "picture", "kind": "photo", "prompt": "Picture of the plate"},
    {"key": "dark", "kind": "text", "prompt": "Why it is dark", "condition": '{"item":"colour","is":"dark"}'},
)


def checklist_of(order_id: str) -> Rows:
    checklist = a_row("checklist", aggregate_id=order_id, work_order_id=order_id, name="Check", position=1)
    items = [
        a_row("checklist_item", aggregate_id=order_id, checklist_id=_id(checklist), position=place, **item)
        for place, item in enumerate(ITEMS, start=1)
    ]
    return [("checklist", checklist), *(("checklist_item", item) for item in items)]
