"""The lists of the sync page in words: what waits, what went wrong lately, and the words of the pause button."""

from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.sync_page import SyncPage
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.screens.sync.states import Line
from cmms_desktop.ui.text.change_words import change_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted

MOST_WAITING: Final = 30
"""Waiting changes that are listed; the rest is counted."""
MOST_TROUBLES: Final = 5
BLOCKED: Final = "Waits until another change is settled"


def waiting_lines(page: SyncPage, moments: Moments, now: datetime) -> tuple[Line, ...]:
    """Changes on their way, in the order in which they are sent."""
    return tuple(
        Line(
            each.change.mutation_id,
            change_words(each.change),
            moments.short(each.change.made_at, now),
            BLOCKED if each.blocked_by else "",
        )
        for each in page.waiting[:MOST_WAITING]
    )


def waiting_more(page: SyncPage) -> str:
    """`And 12 more changes`; nothing when all are listed."""
    left = page.waiting_total - min(MOST_WAITING, len(page.waiting))
    return f"And {counted(left, 'more change')}" if left > 0 and page.waiting else ""


def trouble_lines(status: SyncStatus, moments: Moments, now: datetime) -> tuple[Line, ...]:
    """What went wrong lately, the newest first."""
    newest = status.troubles[:MOST_TROUBLES]
    return tuple(Line(f"{n}:{each.at}", each.sentence, moments.short(each.at, now)) for n, each in enumerate(newest))


def pause_words(status: SyncStatus, page: SyncPage) -> str | None:
    """Words of the button; None: there are no photos to pause."""
    if status.are_photos_paused:
        return "Send photos"
    return "Pause photos" if page.photos.waiting or status.photos else None
