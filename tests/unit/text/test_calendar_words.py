"""What is on a calendar as people read it, seen from a day, also on days of 23 and 25 hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cmms_desktop.application.queries.calendar import CalendarEvent
from cmms_desktop.ui.text.calendar_words import event_time, event_title
from cmms_desktop.ui.text.moments import Moments

BERLIN = Moments(ZoneInfo("Europe/Berlin"))


def event(begins: str = "", ends: str = "", *, kind: str = "training", team: str | None = None) -> CalendarEvent:
    return CalendarEvent("1", kind, "First aid", f"{begins}:00.000000Z", f"{ends}:00.000000Z", team)


@pytest.mark.parametrize(
    ("today", "begins", "ends", "said"),
    [
        ("2026-03-12", "2026-03-12T09:00", "2026-03-12T11:30", "10:00 to 12:30"),
        ("2026-03-12", "2026-03-11T23:00", "2026-03-12T23:00", "All day"),
        ("2026-03-12", "2026-03-11T23:00", "2026-03-12T11:00", "Until 12:00"),
        ("2026-03-12", "2026-03-10T07:00", "2026-03-12T11:00", "Until 12:00"),
        ("2026-03-12", "2026-03-10T07:00", "2026-03-12T23:00", "All day"),
        ("2026-03-12", "2026-03-12T15:00", "2026-03-13T06:00", "From 16:00"),
        ("2026-03-12", "2026-03-12T15:00", "2026-03-12T23:00", "16:00 to 00:00"),
        ("2026-03-12", "2026-03-11T23:00", "2026-03-13T23:00", "All day, until tomorrow"),
        ("2026-03-12", "2026-03-10T23:00", "2026-03-15T12:00", "All day, until 15 Mar"),
        ("2026-03-12", "2026-03-13T15:00", "2026-03-14T06:00", "Tomorrow 16:00"),
        ("2026-03-12", "2026-03-14T23:00", "2026-03-16T23:00", "15 Mar to 16 Mar"),
        ("2026-03-12", "2026-03-12T23:00", "2026-03-13T23:00", "Tomorrow"),
        ("2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00", "All day"),  # 23 hours
        ("2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00", "All day"),  # 25 hours
        ("2026-10-25", "2026-10-24T22:00", "2026-10-25T22:00", "Until 23:00"),
        ("2026-10-25", "2026-10-25T00:30", "2026-10-25T01:30", "02:30 to 02:30"),  # the hour comes twice
    ],
)
def test_when_it_is_as_seen_from_a_day(today: str, begins: str, ends: str, said: str) -> None:
    now = datetime.fromisoformat(f"{today}T12:00").replace(tzinfo=UTC)
    assert event_time(event(begins, ends), BERLIN, now) == said


def test_what_cannot_be_read_stands_as_it_came() -> None:
    strange = CalendarEvent("1", "eclipse", "First aid", "someday", "", None)
    assert event_time(strange, BERLIN, datetime(2026, 3, 12, tzinfo=UTC)) == "someday"
    assert event_title(strange) == "Eclipse: First aid"


def test_what_it_is() -> None:
    assert event_title(event()) == "Training: First aid"
    assert event_title(event(kind="on_call", team="Pump crew")) == "On call: First aid (Pump crew)"
    assert event_title(event(kind="other")) == "First aid"
