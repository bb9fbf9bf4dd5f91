"""The queue in words: rows with their exceptions as badges, in sections, and what an empty list says. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from cmms_desktop.application.queries.review import ReviewLine, ReviewQueue
from cmms_desktop.ui.screens.review.state import QueueRow, QueueState, Tab
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.faces import ReviewRowFace, SectionRow
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.words import joined

APPROVED_FOR: Final = timedelta(days=30)
"""How long an approved order stays in the list."""
_EMPTY: Final = {
    "pending": ("Nothing left to review", "As of {}. New work appears here by itself."),
    "returned": ("Nothing is returned", "Orders that you send back stay here until they are signed again."),
    "approved": ("Nothing approved in the last 30 days", "As of {}."),
}


def lines_of(queue: ReviewQueue, tab: Tab) -> tuple[ReviewLine, ...]:
    """The orders of one part of the queue, in their order."""
    return {"pending": queue.pending, "returned": queue.returned, "approved": queue.approved}[tab]


def queue_state(queue: ReviewQueue, tab: Tab, *, selected: str, now: datetime) -> QueueState:
    """Say what the list shows."""
    moments = Moments()
    title, text = _EMPTY[tab]
    counts = {"pending": len(queue.pending), "returned": len(queue.returned), "approved": len(queue.approved)}
    words = {"pending": "Pending", "returned": "Returned", "approved": "Approved"}
    lines = lines_of(queue, tab)
    return QueueState(
        tab=tab,
        tab_words=tuple((key, f"{word} {counts[key]}") for key, word in words.items()),
        rows=tuple(_rows(lines, tab, moments, now)),
        selected=selected,
        empty=(title, text.format(f"{moments.local(now):%H:%M}")),
        sites=f"Reviewing {joined(list(queue.sites))}" if 0 < len(queue.sites) <= 3 else "",
    )


def _rows(lines: tuple[ReviewLine, ...], tab: Tab, moments: Moments, now: datetime) -> Iterator[QueueRow | SectionRow]:
    if tab != "pending":
        yield from (_row(line, moments, now) for line in lines)
        return
    parts = {
        "With exceptions": [line for line in lines if line.exceptions.count],
        "No exceptions": [line for line in lines if not line.exceptions.count],
    }
    for title, found in parts.items():
        if found:
            yield SectionRow(f"section:{title}", title, len(found))
            yield from (_row(line, moments, now) for line in found)


def _row(line: ReviewLine, moments: Moments, now: datetime) -> QueueRow:
    detail = " · ".join(part for part in (line.number, line.asset or line.site) if part)
    face = ReviewRowFace(line.title, moments.short(line.at, now), detail, tuple(exception_badges(line)))
    said = [line.title, detail, *(badge.text for badge in face.badges), face.time]
    return QueueRow(line.id, face, ", ".join(said))


def exception_badges(line: ReviewLine) -> Iterator[BadgeSpec]:
    """What is exceptional about an order, the worst first."""
    found = line.exceptions
    if found.is_refused:
        yield badges.refusal_badge()
    if found.failed:
        yield badges.tally_badge("fail", found.failed)
    if found.out_of_range:
        yield badges.range_badge(found.out_of_range)
    if found.flagged:
        yield badges.tally_badge("flag", found.flagged)
    if found.is_stale:
        yield badges.stale_badge()
    if found.is_unsigned:
        yield badges.unsigned_badge()
    if found.fence == "outside":
        yield BadgeSpec("warning", "fence", "Fence")
    if found.conflicts:
        yield badges.conflicts_badge(found.conflicts)
    if found.photos_missing:
        yield badges.photos_badge(found.photos_missing)
