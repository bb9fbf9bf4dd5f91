"""Values of a conflict as they are shown and entered: words, badges and marks."""

from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.inbox import ConflictLine
from cmms_desktop.application.queries.values import FieldValue
from cmms_desktop.ui.screens.inbox.states import ValueFace
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import asset_badge, priority_badge, result_badge, status_badge
from cmms_desktop.ui.text.entries import Entry, entry_for
from cmms_desktop.ui.text.fields import EMPTY, NOBODY, value_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.word_diff import Span, added, removed
from sync_server.contract.rules.assigning import ASSIGNMENT
from sync_server.contract.rules.conflicts import WHOLE_ROW

DELETED: Final = "Deleted"
_BADGES: Final = {
    ("work_order", "priority"): priority_badge,
    ("work_order", "status"): status_badge,
    ("checklist_item", "result"): result_badge,
    ("asset", "status"): asset_badge,
}


def value_faces(line: ConflictLine, moments: Moments, now: datetime) -> tuple[ValueFace, ValueFace, ValueFace]:
    """Before, author's and office's value. What changed is marked in the last two, what was lost in the first."""
    if line.field == WHOLE_ROW:
        return ValueFace("It was there", is_quiet=True), ValueFace("Worked on"), ValueFace(DELETED, is_quiet=True)
    texts = [_text(value, line, moments, now) for value in (line.base, line.mine, line.theirs)]
    before, mine, theirs = texts
    is_deleted = line.kind == "deleted"
    return (
        _face(line.base, before, removed(before, mine, *([] if is_deleted else [theirs]))),
        _face(line.mine, mine, added(before, mine)),
        ValueFace(DELETED, is_quiet=True) if is_deleted else _face(line.theirs, theirs, added(before, theirs)),
    )


def _text(value: FieldValue, line: ConflictLine, moments: Moments, now: datetime) -> str:
    is_empty = value.raw is None or value.raw == ""
    return "" if is_empty else value_words(value, moments, now, unit=line.subject.unit or None)


def _face(value: FieldValue, text: str, marks: tuple[Span, ...]) -> ValueFace:
    if not text:
        return ValueFace(NOBODY if value.entity == ASSIGNMENT else EMPTY, is_quiet=True)
    badge = badge_of(value)
    return ValueFace(text, badge=badge) if badge else ValueFace(text, marks)


def badge_of(value: FieldValue) -> BadgeSpec | None:
    """The badge of a state or priority; None: the value is shown as text."""
    make = _BADGES.get((value.entity, value.field))
    return make(value.raw) if make is not None and isinstance(value.raw, str) and value.raw else None


def entry_of(line: ConflictLine) -> Entry | None:
    """How a third value is entered; None: only one of the two can be kept."""
    is_open_to_others = line.kind in {"field", "request"}
    return entry_for(line.entity, line.field, unit=line.subject.unit) if is_open_to_others else None
