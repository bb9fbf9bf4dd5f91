"""Turns parts, movements and requests of an order into words. Plain functions."""

from datetime import datetime
from decimal import Decimal

from cmms_desktop.application.queries.parts_page import (
    MovementLine,
    PartRequestLine,
    PartsPage,
    PlannedPart,
)
from cmms_desktop.application.queries.stock_lines import PartLine
from cmms_desktop.ui.screens.order_parts.states import PartChoice, PartRow, PartsState
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import request_badge
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import number, with_unit
from cmms_desktop.ui.text.order_words import part_words, quantity_words, stock_as_of, stock_words

WAITING = BadgeSpec("state-pending", "waiting", "Waiting")


def parts_state(page: PartsPage, *, may_use: bool, now: datetime) -> PartsState:
    """Say what is planned, used and missing."""
    return PartsState(
        planned=tuple(_planned(each, may_use=may_use) for each in page.planned),
        used=tuple(_used(moves, may_use=may_use, now=now) for moves in used_parts(page.movements)),
        requests=tuple(_request(each) for each in page.requests),
        as_of=stock_as_of(page.as_of, Moments(), now),
        may_use=may_use,
    )


def _planned(planned: PlannedPart, *, may_use: bool) -> PartRow:
    part, left = planned.part, planned.planned - planned.used
    badge = None if planned.is_in_van else BadgeSpec("warning", "hazard", "Not in van")
    used = f", {number(planned.used)} used" if planned.used else ""
    return PartRow(
        id=part.id,
        text=f"{part_words(part.name, part.code)}, {with_unit(planned.planned, part.unit)}{used}",
        detail=where_words(part),
        badge=BadgeSpec("success", "accepted", "Used") if left <= 0 else badge,
        action="Use" if may_use and left > 0 else "",
    )


def where_words(part: PartLine) -> str:
    """Where a part lies within reach: "Van 07: 3, Store A: 2"."""
    return ", ".join(stock_words(line) for line in part.stock) or "Nowhere in reach"


def used_parts(movements: tuple[MovementLine, ...]) -> tuple[tuple[MovementLine, ...], ...]:
    """Group the postings by part and place, in the order of the first; what was put back whole is left out."""
    groups: dict[tuple[str, str], list[MovementLine]] = {}
    for each in movements:
        groups.setdefault((each.part_id, each.place_id), []).append(each)
    return tuple(tuple(moves) for moves in groups.values() if net(moves))


def net(moves: list[MovementLine] | tuple[MovementLine, ...]) -> Decimal:
    """How much was used, less what was put back."""
    return -sum((each.quantity for each in moves), Decimal(0))


def _used(moves: tuple[MovementLine, ...], *, may_use: bool, now: datetime) -> PartRow:
    last = moves[-1]
    around = Moments()
    about = (f"from {last.place}" if last.place else "", around.when(last.moved_at, now), last.person, last.note or "")
    return PartRow(
        id=f"{last.part_id}/{last.place_id}",
        text=f"{part_words(last.name, last.code)}, {quantity_words(net(moves), last.unit)}",
        detail=" · ".join(part for part in about if part),
        badge=WAITING if any(each.received_at is None for each in moves) else None,
        action="Put back" if may_use and net(moves) > 0 else "",
    )


def _request(line: PartRequestLine) -> PartRow:
    return PartRow(
        id=line.id,
        text=f"{part_words(line.name, line.code)}, {with_unit(line.quantity, line.unit)}",
        detail=f"Short at {line.place}" if line.place else "Ran short",
        badge=request_badge(line.status),
        action="",
    )


def choice_of(part: PartLine) -> PartChoice:
    """Say what was found."""
    return PartChoice(part.id, part_words(part.name, part.code), where_words(part))
