"""When a rule of the calendar comes: RFC 5545 text, checked here and expanded by python-dateutil. Pure.

Times are wall clocks of a site, without a zone, until `instant_at` asks the zone. So a rule at 02:30 comes once in each
night of the year, whether the clock is put forward or back (D-200 in ../../README.md).
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

_DAY: Final = "(?:MO|TU|WE|TH|FR|SA|SU)"
_NTH_DAY: Final = f"(?:-?[1-5])?{_DAY}"
_DAY_OF_MONTH: Final = "-?(?:[1-9]|[12][0-9]|3[01])"
_MONTH: Final = "(?:[1-9]|1[0-2])"
_PARTS: Final[Mapping[str, str]] = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": "[1-9][0-9]{0,2}",
    "COUNT": "[1-9][0-9]{0,3}",
    "UNTIL": "[0-9]{8}",
    "BYMONTH": f"{_MONTH}(?:,{_MONTH})*",
    "BYMONTHDAY": f"{_DAY_OF_MONTH}(?:,{_DAY_OF_MONTH})*",
    "BYDAY": f"{_NTH_DAY}(?:,{_NTH_DAY})*",
    "BYSETPOS": "-?[1-5](?:,-?[1-5])*",
    "WKST": _DAY,
}
"""Part of a rule → what may stand there. Hours, minutes and seconds are not among them."""
MOST_CHARACTERS: Final = 200
LONGEST_SHIFT: Final = timedelta(days=2)
"""More than any zone has ever moved its wall clocks at once (a day, at the date line)."""


def checked_rule(text: str, first: datetime) -> str:
    """Give a rule as it is kept. `first`: the wall clock from which it counts.

    Raises:
        ValueError: it is none, or never comes; the message is a sentence.
    """
    parts = [part.partition("=")[::2] for part in text.strip().upper().removeprefix("RRULE:").split(";")]
    names = [name for name, _ in parts]
    if len(text) > MOST_CHARACTERS or len(set(names)) != len(names) or "FREQ" not in names:
        raise ValueError("A rule is written like FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1.")
    for name, value in parts:
        if name not in _PARTS:
            raise ValueError(f"A rule has {', '.join(_PARTS)}, and nothing else.")
        if not re.fullmatch(_PARTS[name], value):
            raise ValueError(f"What {name} says cannot be in a rule of days, weeks, months or years.")
    _check_together(dict(parts))
    rule = ";".join(f"{name}={value}" for name, value in parts)
    try:
        comes = next_coming(rule, first, since=first)
    except ValueError as error:  # a day that is none, such as UNTIL=20270230
        raise ValueError("A part of the rule cannot be, such as a last day that no calendar has.") from error
    if comes is None:
        raise ValueError("This rule never comes.")
    return rule


def _check_together(parts: Mapping[str, str]) -> None:
    """Refuse what RFC 5545 does, and what python-dateutil would take for something else."""
    is_short = parts["FREQ"] in {"DAILY", "WEEKLY"}
    if is_short and ("BYMONTHDAY" in parts or "BYSETPOS" in parts):
        raise ValueError("Days of the month belong to a rule of months or years.")
    if is_short and any(character.isdigit() for character in parts.get("BYDAY", "")):
        raise ValueError("The first or second such day belongs to a rule of months or years.")
    if "BYSETPOS" in parts and not parts.keys() & {"BYDAY", "BYMONTHDAY"}:
        raise ValueError("BYSETPOS chooses from BYDAY or BYMONTHDAY.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("A rule ends by COUNT or by UNTIL, not by both.")


def first_of(starts_on: date, minute_of_day: int) -> datetime:
    """Give the wall clock from which a rule counts."""
    return datetime.combine(starts_on, time(minute_of_day // 60, minute_of_day % 60))


def next_coming(rule: str, first: datetime, *, since: datetime) -> datetime | None:
    """Give when a rule comes from a moment on, that one included; None: never again."""
    return _expanded(rule, first).after(since, inc=True)


def comings(rule: str, first: datetime, *, since: datetime, until: datetime) -> list[datetime]:
    """Give when a rule comes between two moments, both included, in order."""
    return _expanded(rule, first).between(since, until, inc=True)


def _expanded(rule: str, first: datetime) -> rrule | rruleset:
    """The last day of a rule is meant as a whole, whenever on it the rule comes. Raises ValueError: it is no rule."""
    return rrulestr(re.sub(r"(UNTIL=\d{8})", r"\1T235959", rule), dtstart=first)


def zone_of(name: str) -> ZoneInfo:
    """Give a time zone by its IANA name. Raises ValueError: there is none of that name."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:  # the name of a folder of zones is an OSError
        raise ValueError("The time zone of its site is not known.") from error


def instant_at(local: datetime, zone: ZoneInfo) -> datetime:
    """Give the instant of a wall clock: the first of two; of one that is skipped, as if it had not been put forward."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def wall_clock(instant: datetime, zone: ZoneInfo) -> datetime:
    """Give what the clocks of a zone show at an instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def key_of(local: datetime) -> str:
    """Give the name of what comes at a wall clock: `2026-03-29T02:30`."""
    return local.isoformat(timespec="minutes")
