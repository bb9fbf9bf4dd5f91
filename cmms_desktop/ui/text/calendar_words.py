"""What is on a calendar, in words: what it is, whose when a team's, and when as seen from a day."""

from datetime import UTC, datetime, time, timedelta

from cmms_desktop.application.queries.calendar import CalendarEvent
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.words import CALENDAR, lower, word
from sync_server.contract.column_types import instant_text

MIDNIGHT = time()


def event_title(event: CalendarEvent) -> str:
    """`Training: First aid`, `On call: Nights (Pump crew)`; only what it is where its kind says nothing."""
    head = "" if event.kind == "other" else f"{word(CALENDAR, event.kind)}: "
    return f"{head}{event.title}" + (f" ({event.team})" if event.team else "")


def event_time(event: CalendarEvent, moments: Moments, now: datetime) -> str:
    """`10:00 to 12:00`, `All day`, `Until 12:00`, `From 22:00`; of another day `Tomorrow 08:00`, `14 Mar to 16 Mar`.

    By the clocks of this computer, so that a day of 23 or 25 hours is a whole day as well.
    """
    begins, ends = moments.read(event.begins_at), moments.read(event.ends_at)
    if begins is None or ends is None:
        return event.begins_at
    today = moments.local(now).date()
    last = ends - timedelta(microseconds=1) if ends.time() == MIDNIGHT else ends
    until = moments.short(instant_text(last.astimezone(UTC)), now)
    if begins.date() > today:
        day = moments.short(event.begins_at, now)
        if begins.time() != MIDNIGHT:
            return f"{day} {begins:%H:%M}"
        return day if last.date() == begins.date() else f"{day} to {until}"
    has_begun, goes_on = begins.date() < today or begins.time() == MIDNIGHT, last.date() > today
    if goes_on:
        return f"All day, until {lower(until)}" if has_begun else f"From {begins:%H:%M}"
    if has_begun:
        return "All day" if ends.date() > today else f"Until {ends:%H:%M}"
    return f"{begins:%H:%M} to {ends:%H:%M}"
