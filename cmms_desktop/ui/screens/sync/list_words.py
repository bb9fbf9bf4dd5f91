"""The lists of the sync page in words: what waits, what went wrong lately, and the words of the pause button."""

from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.sync_page import NoticeLine, SyncPage
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.screens.sync.states import Line
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.change_words import change_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted, ordinal

MOST_WAITING: Final = 30
"""Waiting changes that are listed; the rest is counted."""
MOST_TROUBLES: Final = 5
TOO_MANY_SITES: Final = "You may enter more sites than fit on a device. Your orders are here."
ASK: Final = "Ask your administrator to take away those that you do not need."
BLOCKED: Final = "Waits for: {}"


def waiting_lines(page: SyncPage, moments: Moments, now: datetime) -> tuple[Line, ...]:
    """Changes on their way, in the order in which they are sent."""
    return tuple(
        Line(
            each.change.mutation_id,
            change_words(each.change),
            moments.short(each.change.made_at, now),
            BLOCKED.format(words.lower(change_words(each.waits_for))) if each.waits_for else "",
        )
        for each in page.waiting[:MOST_WAITING]
    )


def waiting_more(page: SyncPage) -> str:
    """`And 12 more changes`; nothing when all are listed."""
    left = page.waiting_total - min(MOST_WAITING, len(page.waiting))
    return f"And {counted(left, 'more change')}" if left > 0 and page.waiting else ""


def trouble_lines(status: SyncStatus, page: SyncPage, moments: Moments, now: datetime) -> tuple[Line, ...]:
    """What went wrong lately, the newest first; what must be known for long stays."""
    restored = next((each for each in page.notices if each.kind == "restored"), None)
    told = ((each.at, notice_words(each, page.again if each is restored else 0)) for each in page.notices)
    kept = [(at, sentence) for at, sentence in told if sentence]
    newest = [(each.at, each.sentence) for each in status.troubles[:MOST_TROUBLES]]
    lines = sorted(kept + newest, reverse=True)
    told_lines = (Line(f"{n}:{at}", sentence, moments.short(at, now)) for n, (at, sentence) in enumerate(lines))
    return (*_too_many_sites(page.sites_left_out), *told_lines)


def _too_many_sites(left_out: int) -> tuple[Line, ...]:
    """Say what stays away for as long as it does; everything else goes on."""
    if not left_out:
        return ()
    of = "one of them" if left_out == 1 else f"{left_out} of them"
    return (Line("sites", f"{TOO_MANY_SITES} Of {of} assets and stock may be missing. {ASK}", ""),)


def notice_words(notice: NoticeLine, again: int) -> str:
    """Say what happened to the conversation; "" for a kind of another version.

    `again`: changes that still have to be sent because of it.
    """
    match notice.kind:
        case "restored":
            return f"The server was restored. {_restored_words(notice.count, again)}"
        case "healing":
            often = f"for the {ordinal(notice.count)} time within a day"
            return f"This device had to fetch records again {often}. Tell your administrator."
        case "handed_on":
            gone = "is not yours any more" if notice.count == 1 else "are not yours any more"
            return f"{counted(notice.count, 'order')} that you asked to hand on {gone}."
        case "log_differs":
            return "The server's record of what was done is not the one this device knows. Tell your administrator."
        case "guarded":
            kept = "It is" if notice.count == 1 else "They are"
            removed = f"The server would have removed {counted(notice.count, 'record')} at once."
            return f"{removed} {kept} kept here; tell your administrator."
        case _:
            return ""


def _restored_words(count: int, again: int) -> str:
    if again:  # without a count of its own: what the restore before had lost
        return f"Sending {counted(count or again, 'change')} again."
    if not count:
        return "It had everything from this device."
    return f"{counted(count, 'change')} {'was' if count == 1 else 'were'} sent again."


def attention_more(page: SyncPage, listed: int) -> str:
    """`And 12 more, shown once some of these are settled`; nothing when all are listed."""
    left = page.attention - listed
    return f"And {left} more, shown once some of these are settled" if left > 0 else ""


def pause_words(status: SyncStatus, page: SyncPage) -> str | None:
    """Words of the button; None: there are no photos to pause."""
    if status.are_photos_paused:
        return "Send photos"
    if status.are_photos_waiting_for_unmetered and (page.photos.waiting or status.photos):
        return "Send now"
    return "Pause photos" if page.photos.waiting or status.photos else None
