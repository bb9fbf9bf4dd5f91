"""Which orders of a day a filter keeps: one of the priorities, one of the types, every flag, every word."""

import pytest

from cmms_desktop.application.queries.calendar import CalendarEvent
from cmms_desktop.application.queries.day import DayCard
from cmms_desktop.ui.screens.my_day.cards import day_rows
from cmms_desktop.ui.screens.my_day.filtering import DayFilter, chips_of, kept_cards
from cmms_desktop.ui.text.faces import EventRow, SectionRow
from tests.ui.stage import MORNING


def card(number: int, **values: object) -> DayCard:
    defaults: dict[str, object] = {
        "id": str(number),
        "number": f"WO-{number:04d}",
        "title": f"Order {number}",
        "status": "assigned",
        "priority": "medium",
        "type": "repair",
        "site": "Alder Works",
        "location": "Basement B1, Pump room",
        "asset": "P-117 Booster pump",
        "due_at": None,
        "scheduled_at": None,
        "route_position": number,
        "hazards": (),
        "conflicts": 0,
        "unsent": 0,
        "parked": 0,
        "held": 0,
        "is_signature_stale": False,
        "is_returned": False,
        "return_reason": None,
        "status_reason": None,
        "answered": 0,
        "total": 0,
        "failed": 0,
        "missing": 0,
        "is_today": True,
        "is_done": False,
    }
    return DayCard(**(defaults | values))  # type: ignore[arg-type]


CARDS = (
    card(1, priority="high"),
    card(2, priority="critical", type="inspection", conflicts=1),
    card(3, type="maintenance", is_returned=True, asset="AHU-03 Air handling unit"),
    card(4, is_done=True, status="completed"),
    card(5, is_today=False),
)


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (DayFilter(), "12345"),
        (DayFilter(keys=("priority:high", "priority:critical")), "12"),
        (DayFilter(keys=("priority:critical", "type:repair")), ""),
        (DayFilter(keys=("type:inspection", "conflicts")), "2"),
        (DayFilter(keys=("returned",)), "3"),
        (DayFilter(keys=("open", "type:repair")), "15"),
        (DayFilter("ahu air"), "3"),
        (DayFilter("PUMP room wo-0004"), "4"),
        (DayFilter("pump nothing"), ""),
    ],
)
def test_a_filter_keeps_what_fits(wanted: DayFilter, kept: str) -> None:
    assert "".join(each.id for each in kept_cards(CARDS, wanted)) == kept


def test_chips_offer_only_what_the_day_has() -> None:
    keys = [key for key, _ in chips_of(CARDS)]
    assert keys == [
        *("priority:critical", "priority:high", "priority:medium", "open", "conflicts", "returned"),
        *("type:maintenance", "type:repair", "type:inspection"),
    ]


def test_a_filter_counts_what_is_in_use() -> None:
    assert DayFilter("pump", ("open", "type:repair")).count == 3
    assert DayFilter("  ").count == 0


def test_headings_stand_over_what_is_next_later_and_done() -> None:
    rows = day_rows(CARDS, now=MORNING, is_compact=False)
    assert [row.text for row in rows if isinstance(row, SectionRow)] == [
        "Next, in route order",
        "Later, 1",
        "Done today, 1",
    ]
    compact = day_rows(CARDS, now=MORNING, is_compact=True)
    assert [row.text for row in compact if isinstance(row, SectionRow)] == ["Later, 1", "Done today, 1"]


def test_small_windows_name_alerts_before_the_priority() -> None:
    (row,) = (row for row in day_rows(CARDS, now=MORNING, is_compact=True) if row.id == "2")
    assert not isinstance(row, SectionRow)
    assert [badge.text for badge in row.face.badges] == ["1 conflict", "Critical"]


NIGHT = "2026-03-13T00:00:00.000000Z"


def event(day: int, hour: int) -> CalendarEvent:
    at = f"2026-03-{day}T{hour:02d}:00:00.000000Z"
    return CalendarEvent(f"{day}-{hour}", "training", "First aid", at, f"2026-03-{day}T23:00:00.000000Z", None)


def ids_with(cards: tuple[DayCard, ...], *events: CalendarEvent, is_compact: bool = False) -> list[str]:
    return [row.id for row in day_rows(cards, now=MORNING, is_compact=is_compact, events=events, ends_at=NIGHT)]


def test_an_event_stands_before_the_first_order_that_comes_after_it_and_moves_none() -> None:
    at = [f"2026-03-12T{hour}:00:00.000000Z" for hour in ("08", "10", "09")]
    cards = (card(1, scheduled_at=at[0]), card(2), card(3, due_at=at[1]), card(4, scheduled_at=at[2]))
    found = ids_with(cards, event(12, 7), event(12, 10), event(12, 18), event(13, 8))
    assert found == [
        *("section:next", "event:12-7", "1", "2", "event:12-10", "3", "4", "event:12-18"),
        *("section:later", "event:13-8"),
    ]
    rows = day_rows(cards, now=MORNING, is_compact=False, events=(event(13, 8),), ends_at=NIGHT)
    assert [row.text for row in rows if isinstance(row, SectionRow) and not isinstance(row, EventRow)] == [
        "Next, in route order",
        "Later",
    ]


def test_a_day_without_orders_says_what_is_on_the_calendar() -> None:
    (heading, row) = day_rows((), now=MORNING, is_compact=False, events=(event(12, 10),), ends_at=NIGHT)
    assert isinstance(heading, SectionRow)
    assert isinstance(row, EventRow)
    assert heading.text == "Today"
    assert row.text.startswith("Training: First aid, ")
    assert ids_with((), event(12, 10), is_compact=True) == ["event:12-10"]
    assert ids_with((), is_compact=True) == []
