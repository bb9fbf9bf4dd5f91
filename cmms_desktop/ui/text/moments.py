"""Instants, dates and lengths of time in words: 24 hours, English, in the time zone of the device or an injected one.

Takes instants as queries give them (wire text); what cannot be read is shown as it stands. Never asks the clock: who
shows an age says what time it is.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from sync_server.contract.column_types import instant_of

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Moments:
    """Says instants in one time zone. `zone` None: that of this computer."""

    zone: tzinfo | None = None

    def local(self, instant: datetime) -> datetime:
        """An aware instant on this zone's clocks."""
        return instant.astimezone(self.zone)

    def read(self, at: str | None) -> datetime | None:
        """Wire text as an aware local datetime; None: nothing, or unreadable."""
        try:
            return None if at is None else self.local(instant_of(at))
        except ValueError:
            return None

    def time(self, at: str | None) -> str:
        """`06:58`."""
        moment = self.read(at)
        return f"{moment:%H:%M}" if moment else at or ""

    def time_with_seconds(self, at: str | None) -> str:
        """`06:58:41`."""
        moment = self.read(at)
        return f"{moment:%H:%M:%S}" if moment else at or ""

    def day(self, at: str | None, now: datetime) -> str:
        """`Today`, `Yesterday`, `Tomorrow`, `11 March`, in other years `11 March 2025`."""
        moment = self.read(at)
        return self._day(moment.date(), now) if moment else at or ""

    def _day(self, day: date, now: datetime) -> str:
        today = self.local(now).date()
        near = {0: "Today", -1: "Yesterday", 1: "Tomorrow"}.get((day - today).days)
        return near or _date(day, today, MONTHS)

    def when(self, at: str | None, now: datetime) -> str:
        """Day and time: `Today 09:30`, `11 March 22:40`; nothing for nothing."""
        return f"{self.day(at, now)} {self.time(at)}" if self.read(at) else at or ""

    def when_exactly(self, at: str | None, now: datetime) -> str:
        """Date and time to the second, as evidence is read: `12 March, 10:02:41`."""
        moment = self.read(at)
        if moment is None:
            return at or ""
        return f"{_date(moment.date(), self.local(now).date(), MONTHS)}, {moment:%H:%M:%S}"

    def short(self, at: str | None, now: datetime) -> str:
        """As little as says it: `10:07` today, `Yesterday`, `14 Dec`, `14 Dec 2025` in other years."""
        moment = self.read(at)
        if moment is None:
            return at or ""
        today = self.local(now).date()
        days = (moment.date() - today).days
        if days == 0:
            return f"{moment:%H:%M}"
        return {-1: "Yesterday", 1: "Tomorrow"}.get(days) or _date(moment.date(), today, _SHORT)

    def heading(self, now: datetime) -> str:
        """The day of a moment as a heading: `Thursday 12 March`."""
        today = self.local(now)
        return f"{WEEKDAYS[today.weekday()]} {today.day} {MONTHS[today.month - 1]}"

    def since(self, at: str | None, now: datetime) -> str:
        """How long ago: `2 h 41 min ago`, `just now`, `3 days ago`. A clock that was set back: `just now`."""
        moment = self.read(at)
        if moment is None:
            return at or "never"
        age = now - moment
        return "just now" if age < timedelta(minutes=1) else f"{span(age)} ago"


_SHORT: Final = tuple(month[:3] for month in MONTHS)


def _date(day: date, today: date, months: tuple[str, ...]) -> str:
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {months[day.month - 1]}{year}"


def date_words(text: str | None) -> str:
    """A date of the wire, `2026-11-30`, as `30 Nov 2026`; anything else as it stands."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return text or ""
    return f"{day.day} {_SHORT[day.month - 1]} {day.year}"


def duration(minutes: int | None) -> str:
    """Minutes in words: `1 h 22 min`, `45 min`, `2 h`; nothing for nothing."""
    if minutes is None:
        return ""
    hours, rest = divmod(max(0, minutes), 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join(parts + ([f"{rest} min"] if rest or not hours else []))


def span(length: timedelta) -> str:
    """A length of time of at least a minute: up to two days in hours and minutes, then in days."""
    if length >= timedelta(days=2):
        return f"{length.days} days"
    return duration(int(length.total_seconds() // 60))


def stop_watch(length: timedelta) -> str:
    """Hours and minutes of work under way, as the header counts them: `0:59`."""
    minutes = max(0, int(length.total_seconds() // 60))
    return f"{minutes // 60}:{minutes % 60:02d}"


def seconds(length_s: float) -> str:
    """Seconds of evidence: `4 s`, from two minutes on `3 min`."""
    return f"{length_s:.0f} s" if length_s < 120 else duration(round(length_s / 60))


def clock_offset(offset_ms: int | None) -> str:
    """Server clock minus device clock, as how the device's stands: `On time`, `1.4 s slow`, `2 min 10 s fast`.

    Less than a twentieth of a second is none; None: `Never measured`.
    """
    if offset_ms is None:
        return "Never measured"
    tenths = (abs(offset_ms) + 50) // 100
    if not tenths:
        return "On time"
    return f"{_off(tenths)} {'fast' if offset_ms < 0 else 'slow'}"


def _off(tenths: int) -> str:
    if tenths < 600:
        return f"{tenths / 10:.1f} s"
    minutes, rest = divmod((tenths + 5) // 10, 60)
    return f"{duration(minutes)}{f' {rest} s' if rest and minutes < 60 else ''}"
