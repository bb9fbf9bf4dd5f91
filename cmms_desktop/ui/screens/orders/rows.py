"""Orders of this device as rows in words, and what they can be filtered by. Plain functions and values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.order_list import OrderCounts, OrderFilter, OrderRow
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.words import PRIORITY, TYPE

DONE: Final = ("completed", "closed", "cancelled", "rejected")
SCOPES: Final = ("open", "done", "all")


@dataclass(frozen=True, slots=True)
class OrdersFilter:
    """What is wanted: one of SCOPES, a text, and keys such as `priority:high`, `site:<id>`, `tag:<word>`."""

    scope: str = "open"
    text: str = ""
    keys: tuple[str, ...] = ()

    def for_query(self) -> OrderFilter:
        """The same for the store."""
        return OrderFilter(
            statuses=DONE if self.scope == "done" else (),
            but_statuses=DONE if self.scope == "open" else (),
            priorities=self._of("priority"),
            types=self._of("type"),
            site_ids=self._of("site"),
            tags=self._of("tag"),
            text=self.text,
        )

    def _of(self, kind: str) -> tuple[str, ...]:
        return tuple(key.partition(":")[2] for key in self.keys if key.startswith(f"{kind}:"))


@dataclass(frozen=True, slots=True)
class OrderListRow:
    """One order, ready to draw; `said` reads it as one sentence."""

    id: str
    face: ReviewRowFace
    said: str


def list_row(row: OrderRow, *, now: datetime) -> OrderListRow:
    """Say one order."""
    due = Moments().short(row.due_at, now)
    detail = " · ".join(part for part in (row.number, row.asset or "", row.site) if part)
    face = ReviewRowFace(row.title or "Untitled order", due, detail, tuple(_badges(row)))
    said = (face.title, detail, f"due {due}" if due else "", row.people, *(badge.text for badge in face.badges))
    return OrderListRow(row.id, face, ", ".join(part for part in said if part))


def _badges(row: OrderRow) -> Iterator[BadgeSpec]:
    yield badges.status_badge(row.status)
    yield badges.priority_badge(row.priority)
    if row.conflicts:
        yield badges.conflicts_badge(row.conflicts)
    if row.unsent:
        yield badges.waiting_badge(row.unsent)
    if row.people:
        yield BadgeSpec("neutral", "user", row.people)
    for word in row.tags:
        yield BadgeSpec("neutral", "tag", word)


def chips_of(counts: OrderCounts) -> tuple[tuple[str, str], ...]:
    """Key and word with its number of everything that can be filtered by."""
    chips = [
        (f"priority:{key}", f"{word} {counts.by_priority[key]}")
        for key, word in reversed(PRIORITY.items())
        if key in counts.by_priority
    ]
    chips += [(f"site:{site.id}", f"{site.name or 'Unknown site'} {site.count}") for site in counts.sites]
    chips += [(f"tag:{word}", f"{word} {count}") for word, count in counts.tags.items()]
    chips += [(f"type:{key}", f"{word} {counts.by_type[key]}") for key, word in TYPE.items() if key in counts.by_type]
    return tuple(chips)


def scope_counts(counts: OrderCounts) -> dict[str, str]:
    """Words with numbers of the scopes."""
    done = sum(counts.by_status.get(state, 0) for state in DONE)
    return {"open": f"Open {counts.total - done}", "done": f"Done {done}", "all": f"All {counts.total}"}
