"""Rules of the calendar: what is one, and when it comes where clocks are put forward and back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sync_server.application.maintenance.recurrence import (
    checked_rule,
    comings,
    first_of,
    instant_at,
    key_of,
    next_coming,
    wall_clock,
    zone_of,
)

BERLIN = zone_of("Europe/Berlin")
FIRST = datetime(2026, 1, 1, 8)  # noqa: DTZ001 - a wall clock has no zone


def local(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def days(rule: str, first: datetime, count: int) -> list[str]:
    """The first days on which a rule comes."""
    found, since = [], first
    while len(found) < count and (coming := next_coming(rule, first, since=since)) is not None:
        found.append(f"{coming:%Y-%m-%d}")
        since = coming + timedelta(minutes=1)
    return found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=10", ["2026-01-01", "2026-01-11", "2026-01-21"]),
        ("rrule:freq=weekly;byday=mo,th", ["2026-01-01", "2026-01-05", "2026-01-08"]),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", ["2026-01-01", "2026-04-01", "2026-07-01"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", ["2026-01-01", "2026-02-02", "2026-03-02"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("FREQ=DAILY;COUNT=2", ["2026-01-01", "2026-01-02"]),
        ("FREQ=DAILY;UNTIL=20260102", ["2026-01-01", "2026-01-02"]),
    ],
)
def test_a_rule_comes_when_it_says_and_ends_when_it_is_over(rule: str, expected: list[str]) -> None:
    assert days(checked_rule(rule, FIRST), FIRST, 3) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "MONTHLY",
        "FREQ=",
        "FREQ=HOURLY",
        "FREQ=MINUTELY;INTERVAL=60",
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYHOUR=1,2",
        "FREQ=DAILY;BYMINUTE=0,30",
        "FREQ=DAILY;BYSECOND=1",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=1000000000",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;UNTIL=20270101T000000Z",
        "FREQ=DAILY\nRDATE:20260101",
        "FREQ=DAILY;",
        "FREQ=DAILY;UNTIL=20251231",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    ],
)
def test_what_is_no_rule_or_never_comes_is_refused_in_a_sentence(rule: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        checked_rule(rule, FIRST)


def test_half_past_two_comes_once_in_each_night_of_the_year() -> None:
    """On 29 March it does not exist in Berlin, on 25 October it exists twice."""
    first = first_of(date(2026, 1, 1), 150)
    found = comings("FREQ=DAILY", first, since=first, until=local(2026, 12, 31, 23))
    instants = [instant_at(each, BERLIN) for each in found]
    assert [key_of(each)[:10] for each in found] == [f"{date(2026, 1, 1) + timedelta(n)}" for n in range(365)]
    assert instants == sorted(set(instants))
    assert instant_at(local(2026, 3, 29, 2, 30), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # shown as 03:30
    assert instant_at(local(2026, 10, 25, 2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first one
    assert wall_clock(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN) == local(2026, 10, 25, 2, 30)


@pytest.mark.parametrize("name", ["", "Nowhere/City", "Europe", "../etc/passwd", "/etc/passwd", "Europe/\0Berlin"])
def test_a_zone_that_nobody_knows_is_said(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone_of(name)
