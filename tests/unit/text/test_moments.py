"""Times and lengths of time as people read them, in an injected zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cmms_desktop.ui.text.moments import (
    Moments,
    clock_offset,
    date_words,
    duration,
    seconds,
    span,
    stop_watch,
)

BERLIN = Moments(ZoneInfo("Europe/Berlin"))
NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def at(text: str) -> str:
    return f"{text}.000000Z"


@pytest.mark.parametrize(
    ("instant", "when", "short"),
    [
        ("2026-03-12T08:30:00", "Today 09:30", "09:30"),
        ("2026-03-11T21:40:00", "Yesterday 22:40", "Yesterday"),
        ("2026-03-11T23:10:00", "Today 00:10", "00:10"),
        ("2026-03-13T07:00:00", "Tomorrow 08:00", "Tomorrow"),
        ("2026-03-10T21:40:00", "10 March 22:40", "10 Mar"),
        ("2025-12-14T10:00:00", "14 December 2025 11:00", "14 Dec 2025"),
        ("2026-03-29T01:30:00", "29 March 03:30", "29 Mar"),
    ],
)
def test_a_moment_is_said_on_the_clocks_of_the_zone(instant: str, when: str, short: str) -> None:
    assert BERLIN.when(at(instant), NOW) == when
    assert BERLIN.short(at(instant), NOW) == short


def test_evidence_is_said_to_the_second() -> None:
    moment = at("2026-03-12T09:02:41")
    assert BERLIN.when_exactly(moment, NOW) == "12 March, 10:02:41"
    assert BERLIN.time_with_seconds(moment) == "10:02:41"
    assert BERLIN.time(moment) == "10:02"
    assert BERLIN.heading(NOW) == "Thursday 12 March"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-03-12", "2026-13-45T99:99:99.000000Z", "\0"])
def test_what_is_no_moment_is_shown_as_it_stands(text: str) -> None:
    for say in (BERLIN.when, BERLIN.short, BERLIN.day, BERLIN.when_exactly):
        assert say(text, NOW) == text
    assert BERLIN.time(text) == text
    assert date_words("2026-02-30") == "2026-02-30"


def test_nothing_is_said_of_nothing() -> None:
    assert [say(None, NOW) for say in (BERLIN.when, BERLIN.short, BERLIN.day, BERLIN.when_exactly)] == [""] * 4
    assert (BERLIN.time(None), BERLIN.since(None, NOW), date_words(None), duration(None)) == ("", "never", "", "")


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=-20), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(hours=2, minutes=41), "2 h 41 min ago"),
        (timedelta(hours=47, minutes=59), "47 h 59 min ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=400), "400 days ago"),
    ],
)
def test_an_age_is_said_in_the_largest_words_that_matter(age: timedelta, words: str) -> None:
    assert BERLIN.since((NOW - age).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), NOW) == words


def test_lengths_of_time() -> None:
    assert [duration(minutes) for minutes in (0, 1, 45, 60, 82, 1_500)] == [
        "0 min",
        "1 min",
        "45 min",
        "1 h",
        "1 h 22 min",
        "25 h",
    ]
    assert duration(-5) == "0 min"
    assert [seconds(each) for each in (0.4, 4, 119, 180)] == ["0 s", "4 s", "119 s", "3 min"]
    assert [stop_watch(timedelta(minutes=each)) for each in (0, 59, 60, 605)] == ["0:00", "0:59", "1:00", "10:05"]
    assert span(timedelta(days=3, hours=5)) == "3 days"


@pytest.mark.parametrize(
    ("offset_ms", "words"),
    [
        (None, "Never measured"),
        (0, "On time"),
        (-49, "On time"),
        (49, "On time"),
        (-50, "0.1 s fast"),
        (1_400, "1.4 s slow"),
        (-900, "0.9 s fast"),
        (59_949, "59.9 s slow"),
        (59_950, "1 min slow"),
        (130_000, "2 min 10 s slow"),
        (-7_200_000, "2 h fast"),
    ],
)
def test_a_clock_offset_says_which_way_and_never_a_minus_nothing(offset_ms: int | None, words: str) -> None:
    assert clock_offset(offset_ms) == words


def test_a_date_is_said_with_its_year() -> None:
    assert date_words("2026-11-30") == "30 Nov 2026"


def test_the_zone_of_the_computer_is_used_when_none_is_given() -> None:
    assert Moments().read(at("2026-03-12T09:02:41")) == datetime(2026, 3, 12, 9, 2, 41, tzinfo=UTC)
