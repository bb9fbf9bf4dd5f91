"""Values of a conflict as they are shown and entered: words, badges, marks, and the way back to the wire."""

from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.inbox import ConflictLine
from cmms_desktop.application.queries.values import FieldValue
from cmms_desktop.ui.screens.inbox.states import Entry, ValueFace
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import asset_badge, priority_badge, result_badge, status_badge
from cmms_desktop.ui.text.fields import EMPTY, value_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.word_diff import Span, added, removed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar
from sync_server.contract.rules.reading import decimal_text, parse_decimal

DELETED: Final = "Deleted"
LONG_TEXT: Final = 201
"""Characters from which on a column takes several lines."""
NOT_A_NUMBER: Final = "Enter a number, such as 4.2."
NOT_WHOLE: Final = "Enter a whole number, such as 90."
NOTHING: Final = "Enter the text to keep."
_CHOICES: Final = {
    ("work_order", "priority"): words.PRIORITY,
    ("work_order", "type"): words.TYPE,
    ("checklist_item", "result"): words.RESULT,
    ("asset", "status"): words.ASSET_STATUS,
}
_BADGES: Final = {
    ("work_order", "priority"): priority_badge,
    ("work_order", "status"): status_badge,
    ("checklist_item", "result"): result_badge,
    ("asset", "status"): asset_badge,
}


def value_faces(line: ConflictLine, moments: Moments, now: datetime) -> tuple[ValueFace, ValueFace, ValueFace]:
    """Before, author's and office's value. What changed is marked in the last two, what was lost in the first."""
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
        return ValueFace(EMPTY, is_quiet=True)
    badge = badge_of(value)
    return ValueFace(text, badge=badge) if badge else ValueFace(text, marks)


def badge_of(value: FieldValue) -> BadgeSpec | None:
    """The badge of a state or priority; None: the value is shown as text."""
    make = _BADGES.get((value.entity, value.field))
    return make(value.raw) if make is not None and isinstance(value.raw, str) and value.raw else None


def entry_of(line: ConflictLine) -> Entry | None:
    """How a third value is entered; None: only one of the two can be kept."""
    spec = REGISTRY.get(line.entity)
    column = spec.by_name.get(line.field) if spec else None
    if column is None or column.references or line.kind not in {"field", "request"}:
        return None
    options = _CHOICES.get((line.entity, line.field))
    if options is not None:
        return Entry("choice", tuple(options.items()))
    if column.kind == "boolean":
        return Entry("choice", (("true", "Yes"), ("false", "No")))
    if column.kind in {"decimal", "integer"}:
        return Entry("number", unit=line.subject.unit)
    if column.kind != "text" or column.words:
        return None
    return Entry("text" if column.characters >= LONG_TEXT else "line", unit=line.subject.unit)


def entered_text(line: ConflictLine) -> str:
    """What a third value begins with: the author's, as it is typed."""
    raw = line.mine.raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return "" if raw is None else str(raw)


def wire_value(line: ConflictLine, text: str) -> tuple[Scalar, str | None]:
    """A typed third value in wire form, or a sentence that says what to enter."""
    spec = REGISTRY[line.entity]
    kind, typed = spec.by_name[line.field].kind, text.strip()
    if kind == "boolean":
        return typed == "true", None
    if not typed:
        return (None, None) if spec.by_name[line.field].nullable else (None, NOTHING)
    if kind == "integer":
        return (int(typed), None) if typed.isascii() and typed.isdigit() else (None, NOT_WHOLE)
    if kind == "decimal":
        number = parse_decimal(typed)
        return (decimal_text(number), None) if number is not None else (None, NOT_A_NUMBER)
    return typed, None
