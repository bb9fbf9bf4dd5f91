"""Orders of a day as cards in words, under headings, with what is on the calendar among them. Plain functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cmms_desktop.application.queries.calendar import CalendarEvent
from cmms_desktop.application.queries.day import DayCard
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.calendar_words import event_time, event_title
from cmms_desktop.ui.text.faces import EventRow, OrderCardFace, SectionRow
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.order_words import card_place, card_time
from cmms_desktop.ui.text.words import STATUS, word


@dataclass(frozen=True, slots=True)
class DayRow:
    """One order, ready to draw; `said` reads it as one sentence."""

    id: str
    face: OrderCardFace
    said: str


def day_rows(
    cards: tuple[DayCard, ...],
    *,
    now: datetime,
    is_compact: bool,
    events: tuple[CalendarEvent, ...] = (),
    ends_at: str = "",
) -> tuple[DayRow | SectionRow, ...]:
    """Give headings with their orders, as they were ordered. `events`: those that begin before `ends_at` are today's.

    The route is the route: an event only stands before the first order that comes no sooner.
    """
    coming = [card for card in cards if card.is_today and not card.is_done]
    today = [event for event in events if event.begins_at < ends_at]
    groups = (
        ("next", "Next, in route order" if coming else "Today", coming, today),
        ("later", "Later", [card for card in cards if not card.is_today and not card.is_done], events[len(today) :]),
        ("done", "Done today", [card for card in cards if card.is_done], ()),
    )
    rows: list[DayRow | SectionRow] = []
    for key, title, members, meanwhile in groups:
        among = _among(members, meanwhile)
        if among and not (is_compact and key == "next"):  # what comes next needs no heading where room is short
            rows.append(SectionRow(f"section:{key}", title, None if key == "next" or not members else len(members)))
        rows += [
            _row(each, now=now, is_compact=is_compact) if isinstance(each, DayCard) else _event(each, now)
            for each in among
        ]
    return tuple(rows)


def _among(cards: Sequence[DayCard], events: Sequence[CalendarEvent]) -> list[DayCard | CalendarEvent]:
    """Put events, which are in the order of their beginnings, among orders, which stay in theirs."""
    found: list[DayCard | CalendarEvent] = []
    left = list(events)
    for card in cards:
        at = card.scheduled_at or card.due_at
        while left and at is not None and left[0].begins_at <= at:
            found.append(left.pop(0))
        found.append(card)
    return [*found, *left]


def _event(event: CalendarEvent, now: datetime) -> EventRow:
    return EventRow(f"event:{event.id}", event_title(event), time=event_time(event, Moments(), now))


def _row(card: DayCard, *, now: datetime, is_compact: bool) -> DayRow:
    time = card_time(card, Moments(), now)
    face = OrderCardFace(
        route=str(card.route_position) if card.route_position is not None else "",
        title=card.title or "Untitled order",
        time=time,
        asset=card.asset or card.number,
        place=card_place(card),
        badges=tuple(_badges(card, now=now, is_compact=is_compact)),
        is_done=card.is_done,
    )
    about = (card.title, card.number, word(STATUS, card.status), time, card.asset or "", card_place(card))
    said = ", ".join([*(part for part in about if part), *(badge.text for badge in face.badges)])
    return DayRow(card.id, face, said)


def _badges(card: DayCard, *, now: datetime, is_compact: bool) -> Iterator[BadgeSpec]:
    """What a card says in short: what needs attention comes first where there is little room."""
    if card.takers:  # before everything: it decides whether anybody sets out
        yield badges.taken_badge(card.takers[0].person, Moments().short(card.takers[0].taken_at, now))
    alerts = [*_alerts(card)]
    standing = [] if card.status in {"new", "assigned"} else [badges.status_badge(card.status)]
    if is_compact:
        yield from (*alerts, *standing, badges.priority_badge(card.priority))
        return
    yield from standing
    yield badges.priority_badge(card.priority)
    # a line holds three or four: what is going on says more than what kind of work it is
    if not standing and not card.takers:
        yield badges.type_badge(card.type)
    yield from alerts


def _alerts(card: DayCard) -> Iterator[BadgeSpec]:
    if card.is_returned:
        yield badges.returned_badge()
    if card.is_signature_stale:
        yield badges.stale_badge()
    if card.conflicts:
        yield badges.conflicts_badge(card.conflicts)
    if card.parked:
        yield badges.refused_badge(card.parked)
    if card.hazards and not card.is_done:
        yield badges.hazards_badge(len(card.hazards))
    if card.unsent:
        yield badges.waiting_badge(card.unsent)
