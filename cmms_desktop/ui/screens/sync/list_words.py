"""The lists of the sync page in words: what waits, what went wrong lately, and the words of the pause button."""

from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.sync_page import NoticeLine, SyncPage
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.screens.sync.states import Line
from cmms_desktop.ui.text.change_words import change_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted

MOST_WAITING: Final = 30
"""Waiting changes that are listed; the rest is counted."""
MOST_TROUBLES: Final = 5
WORDS: Final = {
    "healing": "This device had to fetch records again several times today. Tell your administrator.",
    "guarded": "The server would have removed {} at once. They are kept here; tell your administrator.",
}
"""Kind of a notice → what happened, for those that have one sentence."""
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


def trouble_lines(status: SyncStatus, page: SyncPage, moments: Moments, now: datetime) -> tuple[Line, ...]:
    """What went wrong lately, the newest first; what must be known for long stays."""
    kept = [(each.at, notice_words(each, page.again if n == 0 else 0)) for n, each in enumerate(page.notices)]
    newest = [(each.at, each.sentence) for each in status.troubles[:MOST_TROUBLES]]
    lines = sorted(kept + newest, reverse=True)
    return tuple(Line(f"{n}:{at}", sentence, moments.short(at, now)) for n, (at, sentence) in enumerate(lines))


def notice_words(notice: NoticeLine, again: int) -> str:
    """Say what happened to the conversation. `again`: changes that still have to be sent because of it."""
    if notice.kind != "restored":
        return WORDS.get(notice.kind, "").format(counted(notice.count, "record"))
    if not notice.count:
        return "The server was restored. It had everything from this device."
    if again:
        return f"The server was restored. Sending {counted(notice.count, 'change')} again."
    verb = "was" if notice.count == 1 else "were"
    return f"The server was restored. {counted(notice.count, 'change')} {verb} sent again."


def pause_words(status: SyncStatus, page: SyncPage) -> str | None:
    """Words of the button; None: there are no photos to pause."""
    if status.are_photos_paused:
        return "Send photos"
    return "Pause photos" if page.photos.waiting or status.photos else None
