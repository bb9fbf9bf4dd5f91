"""One order: its header, what to know before setting out, and the next step. Frozen rows from the replica only."""

from dataclasses import dataclass
from typing import Final, TypedDict

from cmms_desktop.application.queries.assignment_requests import (
    IS_ASKED,
    IS_HIS,
    NO_REQUEST,
    AssignmentRequest,
    assignment_requests,
    may_be_handed_on,
)
from cmms_desktop.application.queries.day import return_reasons
from cmms_desktop.application.queries.inbox import ConflictLine, answered_requests
from cmms_desktop.application.queries.lookups import (
    HOLDER,
    OrderLink,
    Unsettled,
    hazards_of,
    location_paths,
    order_links,
    person_names,
    state_of,
    text_of,
    text_or_none,
    unsettled,
)
from cmms_desktop.application.queries.order_assets import FurtherAsset, further_assets
from cmms_desktop.application.queries.parts_page import PlannedPart, movement_lines, planned_parts
from cmms_desktop.application.queries.signed_state import SignedState, signed_state
from cmms_desktop.application.queries.tab_counts import TabCounts, tab_counts
from cmms_desktop.application.queries.taken import Taker, takers
from cmms_desktop.application.queries.visits import current_visit
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row
from sync_server.contract.rules import sign_off, status
from sync_server.contract.rules.status import Step


@dataclass(frozen=True, slots=True)
class LastVisit:
    """When the asset was last worked on, as far as this device knows. `ended_at` in wire form."""

    order: OrderLink
    ended_at: str


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """The visit that is going on, or ended and is still to be signed. Instants in wire form."""

    id: str
    travel_at: str | None
    arrived_at: str | None
    started_at: str | None
    ended_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """An order with everything its Summary shows. Instants in wire form, dates as `2026-03-01`."""

    id: str
    number: str
    title: str
    status: str
    status_reason: str | None
    return_reason: str | None
    priority: str
    type: str
    site_id: str
    site: str
    site_address: str | None
    location: str | None
    asset_id: str | None
    asset_code: str | None
    asset_name: str | None
    asset_text: str | None
    further_assets: tuple[FurtherAsset, ...]
    due_at: str | None
    scheduled_at: str | None
    hazards: tuple[str, ...]
    description: str | None
    completion_note: str | None
    reported_by: str | None
    reported_at: str | None
    planned_minutes: int | None
    last_visit: LastVisit | None
    warranty_until: str | None
    people: tuple[str, ...]
    requires_signature: bool
    is_locked: bool
    is_number_shared: bool
    """Another order had its number first."""
    signed: SignedState
    parent: OrderLink | None
    follow_ups: tuple[OrderLink, ...]
    planned_parts: tuple[PlannedPart, ...]
    stock_as_of: str | None
    visit: OpenVisit | None
    takers: tuple[Taker, ...]
    """Others who are on it."""
    next_step: Step
    """`sign_off` is the supervisor's; `none`: nothing to do on a visit."""
    counts: TabCounts
    conflicts: int
    answers: tuple[ConflictLine, ...]
    """What the office said to requests of the person."""
    requests: tuple[AssignmentRequest, ...]
    """What is asked about who has it, by anybody."""
    may_hand_on: bool
    """The person may ask that somebody else takes it."""
    unsent: int
    parked: int
    held: int


class _RowFacts(TypedDict):
    """What the order's own row says."""

    id: str
    number: str
    title: str
    status: str
    status_reason: str | None
    priority: str
    type: str
    site_id: str
    asset_id: str | None
    asset_text: str | None
    due_at: str | None
    scheduled_at: str | None
    hazards: tuple[str, ...]
    description: str | None
    completion_note: str | None
    reported_at: str | None
    planned_minutes: int | None
    requires_signature: bool
    is_locked: bool
    is_number_shared: bool


class _Header(TypedDict):
    """What the rows say that it points at."""

    site: str
    site_address: str | None
    asset_code: str | None
    asset_name: str | None
    warranty_until: str | None
    conflicts: int
    answers: tuple[ConflictLine, ...]
    requests: tuple[AssignmentRequest, ...]
    may_hand_on: bool


_HEADER: Final = f"""
SELECT s.name, s.address, coalesce(a.code, st.code), coalesce(a.name, st.name), a.warranty_until,
  (SELECT count(*) FROM conflict c WHERE c.aggregate_id = w.id AND c.resolution IS NULL AND c.deleted_at IS NULL
    AND {NO_REQUEST}),
  EXISTS (SELECT 1 FROM conflict c WHERE c.aggregate_id = w.id AND c.kind = 'request'),
  {IS_ASKED}, {IS_HIS}
FROM work_order w LEFT JOIN site s ON s.id = w.site_id LEFT JOIN asset a ON a.id = w.asset_id
LEFT JOIN asset_stub st ON st.asset_id = w.asset_id WHERE w.id = ? LIMIT 1"""
_LAST_VISIT: Final = """
SELECT id, number, title, status, completed_at FROM work_order
WHERE asset_id = ? AND id <> ? AND completed_at IS NOT NULL AND deleted_at IS NULL
ORDER BY completed_at DESC, id LIMIT 1"""


def order_page(reading: Reading, order_id: str) -> OrderPage | None:
    """One order for the person whose replica this is; None: it is not here, or deleted."""
    order = reading.get("work_order", order_id)
    if order is None or order["deleted_at"] is not None:
        return None
    state = state_of(reading)
    header = _header(reading, order, state.person_id)
    names = person_names(reading, (order["created_by"],))
    unsent = unsettled(reading).get(order_id, Unsettled())
    counts = tab_counts(reading, order_id)
    visit = _unfinished(current_visit(reading, order, state.person_id), order, counts)
    movements = movement_lines(reading, order_id)
    site_id = text_of(order["site_id"])
    return OrderPage(
        **_row_facts(order),
        **header,
        return_reason=return_reasons(reading, (order_id,)).get(order_id),
        location=location_paths(reading, (order["location_id"],)).get(text_of(order["location_id"])),
        reported_by=names.get(text_of(order["created_by"])),
        further_assets=further_assets(reading, order_id),
        last_visit=_last_visit(reading, order),
        people=_people(reading, order_id),
        signed=signed_state(reading, order),
        parent=order_links(reading, (order["parent_id"],)).get(text_of(order["parent_id"])),
        follow_ups=follow_ups(reading, order_id),
        planned_parts=planned_parts(reading, order_id, movements, person_id=state.person_id, site_id=site_id),
        stock_as_of=state.last_sync_at,
        visit=None if visit is None else _open_visit(visit),
        takers=takers(reading, (order_id,), me=state.person_id).get(order_id, ()),
        next_step=status.next_step(order, visit),
        counts=counts,
        unsent=unsent.waiting,
        parked=unsent.parked,
        held=unsent.held,
    )


def _row_facts(order: Row) -> _RowFacts:
    return _RowFacts(
        id=text_of(order["id"]),
        number=text_of(order["number"]),
        title=text_of(order["title"]),
        status=text_of(order["status"]),
        status_reason=text_or_none(order["status_reason"]),
        priority=text_of(order["priority"]),
        type=text_of(order["type"]),
        site_id=text_of(order["site_id"]),
        asset_id=text_or_none(order["asset_id"]),
        asset_text=text_or_none(order["asset_text"]),
        due_at=text_or_none(order["due_at"]),
        scheduled_at=text_or_none(order["scheduled_at"]),
        hazards=hazards_of(order["hazards"]),
        description=text_or_none(order["description"]),
        completion_note=text_or_none(order["completion_note"]),
        reported_at=text_or_none(order["created_at"]),
        planned_minutes=_minutes(order),
        requires_signature=bool(order["requires_signature"]),
        is_locked=sign_off.is_locked(order),
        is_number_shared=bool(order["code_conflict"]),
    )


def _header(reading: Reading, order: Row, person_id: str) -> _Header:
    """Its site and asset, how many conflicts are open, what requests came to, and what is asked about who has it."""
    order_id = text_of(order["id"])
    header = reading.cursor.execute(_HEADER, (person_id, order_id)).fetchone()
    site, address, asset_code, asset_name, warranty_until, conflicts, is_answered, is_asked, is_his = header
    asked = assignment_requests(reading, order_id) if is_asked else ()
    return _Header(
        site=text_of(site),
        site_address=text_or_none(address),
        asset_code=text_or_none(asset_code),
        asset_name=text_or_none(asset_name),
        warranty_until=text_or_none(warranty_until),
        conflicts=conflicts,
        answers=answered_requests(reading, order_id) if is_answered else (),
        requests=asked,
        may_hand_on=bool(is_his) and may_be_handed_on(order, asked),
    )


def _unfinished(visit: Row | None, order: Row, counts: TabCounts) -> Row | None:
    """The visit that leads to signing; one that somebody left with answers missing is over: he has to come back."""
    has_left = visit is not None and visit["ended_at"] is not None
    return None if has_left and counts.missing and order["performed_signature_id"] is None else visit


def follow_ups(reading: Reading, order_id: str) -> tuple[OrderLink, ...]:
    """Live orders that follow an order up, by number."""
    lines = reading.cursor.execute(
        "SELECT id, number, title, status FROM work_order WHERE parent_id = ? AND deleted_at IS NULL"
        " ORDER BY created_at, number",
        (order_id,),
    ).fetchall()
    return tuple(OrderLink(line[0], *(text_of(cell) for cell in line[1:])) for line in lines)


def _minutes(order: Row) -> int | None:
    minutes = order["estimated_minutes"]
    return minutes if isinstance(minutes, int) else None


def _open_visit(log: Row) -> OpenVisit:
    moments = (text_or_none(log[name]) for name in ("travel_at", "arrived_at", "started_at", "ended_at"))
    return OpenVisit(text_of(log["id"]), *moments)


def _last_visit(reading: Reading, order: Row) -> LastVisit | None:
    line = reading.cursor.execute(_LAST_VISIT, (order["asset_id"], order["id"])).fetchone()
    return None if line is None else LastVisit(OrderLink(*(text_of(cell) for cell in line[:4])), text_of(line[4]))


def _people(reading: Reading, order_id: str) -> tuple[str, ...]:
    """Names of the people, teams and companies who do the order."""
    lines = reading.cursor.execute(
        f"SELECT {HOLDER} FROM work_order_assignment x LEFT JOIN person p ON p.id = x.person_id"
        " LEFT JOIN team t ON t.id = x.team_id WHERE x.aggregate_id = ? AND x.deleted_at IS NULL ORDER BY 1",
        (order_id,),
    ).fetchall()
    return tuple(name for (name,) in lines if name)
