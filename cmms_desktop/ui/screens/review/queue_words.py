"""The queue in words: rows with their exceptions as badges, in sections, and what an empty list says. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class QueueWords:
    """The three parts of the queue, ready to draw. `at`: when they were read, as `10:31`."""

    rows: Mapping[Tab, tuple[QueueRow | SectionRow, ...]]
    at: str
    sites: str

    def ids(self, tab: Tab) -> list[str]:
        """Orders of one part, in their order."""
        return [row.id for row in self.rows[tab] if isinstance(row, QueueRow)]


def queue_words(queue: ReviewQueue, *, now: datetime) -> QueueWords:
    """Put the whole queue into words; for the background."""
    moments = Moments()
    parts: dict[Tab, tuple[ReviewLine, ...]] = {
        "pending": queue.pending,
        "returned": queue.returned,
        "approved": queue.approved,
    }
    return QueueWords(
        rows={tab: tuple(_rows(lines, tab, moments, now)) for tab, lines in parts.items()},
        at=f"{moments.local(now):%H:%M}",
        sites=f"Reviewing {joined(list(queue.sites))}" if 0 < len(queue.sites) <= 3 else "",
    )


def queue_state(words: QueueWords, tab: Tab, *, selected: str) -> QueueState:
    """Say what the list shows."""
    title, text = _EMPTY[tab]
    names: tuple[tuple[Tab, str], ...] = (("pending", "Pending"), ("returned", "Returned"), ("approved", "Approved"))
    return QueueState(
        tab=tab,
        tab_words=tuple((key, f"{name} {len(words.ids(key))}") for key, name in names),
        rows=words.rows[tab],
        selected=selected,
        empty=(title, text.format(words.at)),
        sites=words.sites,
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
        yield badges.lost_photos_badge(found.photos_missing)
    if found.photos_to_come:
        yield badges.photos_badge(found.photos_to_come)
