"""Work orders in all states, with who does them, what they need and what has happened on them so far."""

from collections.abc import Callable
from dataclasses import dataclass

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.people import Person, Staff
from sync_server.application.seeding.profile import Profile
from sync_server.application.seeding.stock import SHARE_IN_VAN, van_code
from sync_server.application.seeding.words import COMMENTS, FINDINGS, HAZARDS, REASONS, TITLES
from sync_server.contract.entities.work_orders import PRIORITIES, TYPES
from sync_server.contract.fields import Row

ORDERS_PER_UNIT = 40
WORKED_ON = ("in_progress", "on_hold", "completed", "closed")
DONE = ("completed", "closed")
ROUTE_STARTS_MINUTE = 7 * 60
ROUTE_STEP_MINUTES = 20


@dataclass(frozen=True, slots=True)
class Planned:
    """One order before it is written: `person` and `team_id` None for an order that nobody has."""

    number: int
    status: str
    letter: str
    person: Person | None
    team_id: str | None
    route_position: int | None

    @property
    def is_today(self) -> bool:
        """Whether it is on the first technician's list of today."""
        return self.route_position is not None


@dataclass(frozen=True, slots=True)
class Material:
    """What orders are made of."""

    staff: Staff
    asset_ids: dict[str, list[str]]
    part_ids: list[str]


IssueChecklist = Callable[[Content, Row, Planned], None]


def plan_orders(profile: Profile, staff: Staff) -> list[Planned]:
    """Decide state, site and assignee of every order. Today's route stays on the first technician's sites in turn."""
    first, *others = staff.in_role("technician")
    planned: list[Planned] = []
    for status, count in profile.orders.items():
        for n in range(count):
            number = len(planned) + 1
            if status == "assigned" and n < profile.today:
                letter = first.sites[n * len(first.sites) // profile.today]
                planned.append(Planned(number, status, letter, first, None, n + 1))
            elif status == "assigned" and n < profile.today + profile.for_team:
                planned.append(Planned(number, status, first.sites[0], None, staff.team_ids[0], None))
            elif status in ("new", "rejected") or (status == "cancelled" and n % 2):
                letter = profile.sites[n % len(profile.sites)].letter
                planned.append(Planned(number, status, letter, None, None, None))
            else:
                person = others[n % len(others)]
                letter = person.sites[n // len(others) % len(person.sites)]
                planned.append(Planned(number, status, letter, person, None, None))
    return planned


def add_orders(content: Content, planned: list[Planned], material: Material, *, issue: IssueChecklist) -> None:
    """Add the orders with everything that belongs to them, a few dozen to a unit."""
    for position, each in enumerate(planned):
        if position % ORDERS_PER_UNIT == 0:
            content.next_unit()
        order = _add_order(content, each, material)
        _assign(content, each, order)
        _plan_parts(content, each, order, material)
        _name_further_asset(content, each, order, material)
        _add_cost(content, each, order)
        issue(content, order, each)
        if each.status in WORKED_ON and each.person is not None:
            _add_visit(content, each, order, each.person)
        if each.number % 3 == 0:
            _add_comments(content, each, order, material)


def _days(each: Planned) -> int:
    """Day of the order's date, from today."""
    if each.is_today:
        return 0
    if each.status in ("new", "assigned"):
        return 1 + each.number % 10
    return -(each.number % 12) - (2 if each.status in DONE else 0)


def _add_order(content: Content, each: Planned, material: Material) -> Row:
    chance, day = content.chance, _days(each)
    asset_id = chance.choice(material.asset_ids[each.letter])
    asset = content.asset(asset_id)
    start = ROUTE_STARTS_MINUTE + ROUTE_STEP_MINUTES * ((each.route_position or 1 + each.number % 20) - 1)
    is_done = each.status in DONE
    return content.add(
        "work_order",
        content.id_of("work_order", str(each.number)),
        at=content.at(days=min(day, 0) - 3, minutes=9 * 60 + each.number),
        by=_author(each, material.staff).id,
        number=f"WO-{each.number:04d}",
        title=f"{TITLES[each.number % len(TITLES)]}: {asset['name']}",
        description=chance.choice(FINDINGS),
        status=each.status,
        status_reason=REASONS.get(each.status),
        priority=PRIORITIES[chance.choice((0, 1, 1, 1, 2, 2, 3))],
        type=TYPES[each.number % len(TYPES)],
        site_id=content.id_of("site", each.letter),
        location_id=asset["location_id"],
        asset_id=asset_id,
        hazards=HAZARDS[each.number % len(HAZARDS)],
        due_at=content.at(days=day, minutes=17 * 60),
        scheduled_at=None if each.status in ("new", "rejected") else content.at(days=day, minutes=start),
        route_position=each.route_position,
        estimated_minutes=15 * chance.randrange(1, 9),
        actual_minutes=chance.randrange(10, 120) if is_done else None,
        cost=f"{chance.randrange(1_000, 90_000) / 100:.2f}" if is_done else None,
        completion_note="Done as described." if is_done else None,
        requires_signature=not is_done,  # nobody signed these: a signature cannot be made up
        completed_at=content.at(days=day, minutes=start + 90) if is_done else None,
        closed_at=content.at(days=day + 1, minutes=8 * 60) if each.status == "closed" else None,
    )


def _author(each: Planned, staff: Staff) -> Person:
    """Planners write most orders; customers report some of the new ones."""
    is_reported = each.status == "new" and each.number % 4 == 0
    return (staff.at(each.letter, "customer") if is_reported else staff.in_role("planner"))[0]


def _assign(content: Content, each: Planned, order: Row) -> None:
    if each.person is None and each.team_id is None:
        return
    content.add(
        "work_order_assignment",
        content.id_of("work_order_assignment", str(each.number)),
        at=str(order["created_at"]),
        by=content.id_of("person", "planner"),
        aggregate_id=str(order["id"]),
        work_order_id=order["id"],
        person_id=each.person.id if each.person else None,
        team_id=each.team_id,
    )


def _plan_parts(content: Content, each: Planned, order: Row, material: Material) -> None:
    """Plan a part for every second order, and use it from the van where the work is done."""
    if each.number % 2:
        return
    in_vans = material.part_ids[::SHARE_IN_VAN]
    part_id = in_vans[each.number // 2 % len(in_vans)]
    content.add(
        "work_order_part",
        content.id_of("work_order_part", str(each.number)),
        at=str(order["created_at"]),
        by=content.id_of("person", "planner"),
        aggregate_id=str(order["id"]),
        work_order_id=order["id"],
        part_id=part_id,
        quantity="1",
    )
    if each.status in DONE and each.person is not None:
        content.move(
            f"usage {each.number}",
            location_id=content.id_of("stock_location", van_code(each.person.login)),
            part_id=part_id,
            quantity=-1,
            kind="usage",
            at=str(order["completed_at"]),
            by=each.person.id,
            order_id=str(order["id"]),
        )


def _name_further_asset(content: Content, each: Planned, order: Row, material: Material) -> None:
    """Let every fifth order be about a second asset of its site. Takes nothing from chance."""
    if each.number % 5 != 1:
        return
    others = [asset_id for asset_id in material.asset_ids[each.letter] if asset_id != order["asset_id"]]
    content.add(
        "work_order_asset",
        content.id_of("work_order_asset", str(each.number)),
        at=str(order["created_at"]),
        by=content.id_of("person", "planner"),
        aggregate_id=str(order["id"]),
        work_order_id=order["id"],
        asset_id=others[each.number % len(others)],
        position=1,
        note="Look at it in passing.",
    )


def _add_cost(content: Content, each: Planned, order: Row) -> None:
    """Add what the way to a finished order cost. Takes nothing from chance."""
    if each.status not in DONE or each.person is None:
        return
    content.add(
        "work_order_cost",
        content.id_of("work_order_cost", str(each.number)),
        at=str(order["completed_at"]),
        by=each.person.id,
        work_order_id=order["id"],
        site_id=order["site_id"],
        kind="travel",
        amount_minor=450 + 10 * each.number,
        currency="EUR",
        note="Way to the site",
    )


def _add_visit(content: Content, each: Planned, order: Row, person: Person) -> None:
    """Add one visit. Its events carry no position: none was measured."""
    day, start = _days(each), ROUTE_STARTS_MINUTE + 10 * (each.number % 30)
    is_done = each.status in DONE
    log_id = content.id_of("work_log", str(each.number))
    moments = {"travel": start, "arrive": start + 15, "start": start + 20}
    if each.status == "on_hold":
        moments["pause"] = start + 50
    if is_done:
        moments |= {"finish": start + 80, "leave": start + 85}
    content.add(
        "work_log",
        log_id,
        at=content.at(days=day, minutes=start),
        by=person.id,
        aggregate_id=str(order["id"]),
        work_order_id=order["id"],
        person_id=person.id,
        travel_at=content.at(days=day, minutes=start),
        arrived_at=content.at(days=day, minutes=moments["arrive"]),
        started_at=content.at(days=day, minutes=moments["start"]),
        ended_at=content.at(days=day, minutes=moments["finish"]) if is_done else None,
        travel_minutes=15,
        work_minutes=60 if is_done else None,
    )
    for kind, minute in moments.items():
        content.add(
            "work_log_event",
            content.id_of("work_log_event", f"{each.number} {kind}"),
            at=content.at(days=day, minutes=minute),
            by=person.id,
            aggregate_id=str(order["id"]),
            work_log_id=log_id,
            kind=kind,
            device_at=content.at(days=day, minutes=minute),
            source="manual",
            fence="unknown" if kind in ("arrive", "leave") else None,
            reason="Demonstration data: no position was measured." if kind in ("arrive", "leave") else None,
        )


def _add_comments(content: Content, each: Planned, order: Row, material: Material) -> None:
    """Add a remark of the office, and to every second one an answer of who does the work."""
    planner = material.staff.in_role("planner")[0]
    question, answer = COMMENTS[each.number // 3 % len(COMMENTS)]
    at = str(order["created_at"])
    said: list[tuple[Person, str, str | None]] = [(planner, question, None)]
    if each.person is not None and each.number % 2 == 0:
        said.append((each.person, answer, content.id_of("comment", f"{each.number} 0")))
    for number, (author, text, parent_id) in enumerate(said):
        content.add(
            "comment",
            content.id_of("comment", f"{each.number} {number}"),
            at=at,
            by=author.id,
            aggregate_id=str(order["id"]),
            work_order_id=order["id"],
            parent_id=parent_id,
            author_id=author.id,
            text=text,
            written_at=at,
        )
