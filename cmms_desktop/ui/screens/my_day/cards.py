"""Orders of a day as cards in words, under headings. Plain functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cmms_desktop.application.queries.day import DayCard
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.faces import OrderCardFace, SectionRow
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.order_words import card_place, card_time
from cmms_desktop.ui.text.words import STATUS, word


@dataclass(frozen=True, slots=True)
class DayRow:
    """One order, ready to draw; `said` reads it as one sentence."""

    id: str
    face: OrderCardFace
    said: str


def day_rows(cards: tuple[DayCard, ...], *, now: datetime, is_compact: bool) -> tuple[DayRow | SectionRow, ...]:
    """Give headings with their orders, as they were ordered."""
    groups = (
        ("next", "Next, in route order", [card for card in cards if card.is_today and not card.is_done]),
        ("later", "Later", [card for card in cards if not card.is_today and not card.is_done]),
        ("done", "Done today", [card for card in cards if card.is_done]),
    )
    rows: list[DayRow | SectionRow] = []
    for key, title, members in groups:
        if members and not (is_compact and key == "next"):  # what comes next needs no heading where room is short
            rows.append(SectionRow(f"section:{key}", title, None if key == "next" else len(members)))
        rows += [_row(card, now=now, is_compact=is_compact) for card in members]
    return tuple(rows)


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
