"""Reads the dates of one column, whose notation is decided once for the whole column.

`03/04/2005` is nothing by itself: other values of the column must show whether the day or the month comes first, or a
person has to say it. Times without a zone are taken as UTC: the file does not say where it was written.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, timezone
from enum import Enum
from functools import lru_cache

from sync_server.contract.column_types import instant_text

EARLIEST_YEAR = 1900
LATEST_YEAR = 2199
TWO_DIGIT_PIVOT = 69
"""POSIX: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068."""
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

CLOCK = (
    r"(?:[T ,]\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp])?(?:\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|[+-]\d\d:?(?:\d\d)?)?)?"
)
YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)" + CLOCK)
COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)" + CLOCK)
DOTTED = re.compile(r"(?P<day>\d\d?)\.\s?(?P<month>\d\d?)\.\s?(?P<year>\d{4}|\d\d)" + CLOCK)
SLASHED = re.compile(r"(?P<one>\d\d?)(?P<mark>[-/])(?P<other>\d\d?)(?P=mark)(?P<year>\d{4}|\d\d)" + CLOCK)
DAY_NAMED = re.compile(r"(?P<day>\d\d?)[-/. ]\s*(?P<name>[A-Za-z]{3,9})\.?[-/, ]\s*(?P<year>\d{4}|\d\d)" + CLOCK)
MONTH_NAMED = re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d\d?),? (?P<year>\d{4})" + CLOCK)
LONGEST = 40


class DayOrder(Enum):
    """Which part of `03/04/2005` is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def is_date(text: str) -> bool:
    """Whether a text is a date in one of the notations, whichever its order."""
    return any(_read(text, order) is not None for order in DayOrder)


def possible_orders(values: Iterable[str]) -> frozenset[DayOrder]:
    """Give the orders under which no value of a column stops being a date; values that are none anyway do not count.

    Returns:
        Both when nothing decides, and when nothing has to be decided; none when the values contradict each other.
    """
    possible = set(DayOrder)
    for text in values:
        readable = {order for order in DayOrder if _read(text, order) is not None}
        if readable:
            possible &= readable
        if not possible:
            break
    return frozenset(possible)


def needs_order(text: str) -> bool:
    """Whether a value means another day when day and month change places."""
    one, other = (_read(text, order) for order in DayOrder)
    return one is not None and other is not None and one != other


def instant_on(text: str, order: DayOrder, *, at: time = time.min) -> str | None:
    """Read a date, with or without a time of day, as an instant in wire form; None for what is no date.

    Args:
        text: The cell.
        order: Of the column.
        at: Time of day of a date that names none, UTC.
    """
    found = _read(text, order)
    if found is None:
        return None
    moment, has_time = found
    if not has_time:
        moment = datetime.combine(moment.date(), at, tzinfo=UTC)
    return instant_text(moment)


@lru_cache(maxsize=100_000)
def _read(text: str, order: DayOrder) -> tuple[datetime, bool] | None:
    """Give the instant and whether a time of day was named."""
    text = text.strip()
    if not 6 <= len(text) <= LONGEST or not text.isascii():
        return None
    for pattern in (YEAR_FIRST, COMPACT, DOTTED, SLASHED, DAY_NAMED, MONTH_NAMED):
        match = pattern.fullmatch(text)
        if match is not None:
            return _instant(match, order)
    return None


def _instant(match: re.Match[str], order: DayOrder) -> tuple[datetime, bool] | None:
    part = match.groupdict()
    year = int(part["year"])
    if len(part["year"]) == 2:
        year += 1900 if year >= TWO_DIGIT_PIVOT else 2000
    if "one" in part:
        one, other = int(part["one"]), int(part["other"])
        day, month = (one, other) if order is DayOrder.DAY_FIRST else (other, one)
    else:
        day, month = int(part["day"]), int(part.get("month") or _month(part.get("name") or ""))
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        moment = datetime(year, month, day, *_clock(part), tzinfo=_zone(part["zone"])).astimezone(UTC)
    except ValueError:
        return None
    return moment, part["hour"] is not None


def _month(name: str) -> int:
    """Number of an English month, written out or shortened to three letters and more; 0 for other words."""
    return next((n for n, month in enumerate(MONTHS, start=1) if month.startswith(name.lower())), 0)


def _clock(part: dict[str, str | None]) -> tuple[int, int, int, int]:
    hour = int(part["hour"] or 0)
    if part["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if part["half"] in "Pp" else 0)
    fraction = (part["fraction"] or "").ljust(6, "0")[:6]
    return hour, int(part["minute"] or 0), int(part["second"] or 0), int(fraction)


def _zone(text: str | None) -> timezone:
    if text is None or text in ("Z", "UTC"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
