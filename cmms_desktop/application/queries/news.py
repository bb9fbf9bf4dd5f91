"""What the person of this replica was told, the newest first. Frozen rows."""

from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.application.queries.lookups import state_of, text_of, text_or_none
from cmms_desktop.replica.transaction import Reading

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class NewsLine:
    """One thing. `created_at` in wire form; `asset_id`: of the request that it is about, where that is here."""

    id: str
    kind: str
    subject: str
    subject_id: str
    title: str
    detail: str | None
    created_at: str
    is_read: bool
    is_here: bool
    asset_id: str | None


@dataclass(frozen=True, slots=True)
class News:
    """The newest, and the ids of all that were not read."""

    lines: tuple[NewsLine, ...]
    unread: tuple[str, ...]


_LINES: Final = """
SELECT n.id, n.kind, n.subject, n.subject_id, n.title, n.detail, n.created_at, n.read_at IS NOT NULL,
  CASE n.subject
    WHEN 'work_order' THEN EXISTS (SELECT 1 FROM work_order w WHERE w.id = n.subject_id AND w.deleted_at IS NULL)
    WHEN 'asset' THEN EXISTS (SELECT 1 FROM asset_stub s WHERE s.asset_id = n.subject_id AND s.deleted_at IS NULL)
      OR EXISTS (SELECT 1 FROM asset a WHERE a.id = n.subject_id AND a.deleted_at IS NULL)
    WHEN 'service_request' THEN r.asset_id IS NOT NULL
    ELSE EXISTS (SELECT 1 FROM held_mutation h WHERE h.id = n.subject_id AND h.deleted_at IS NULL) END,
  r.asset_id
FROM notification n LEFT JOIN service_request r ON r.id = n.subject_id AND r.deleted_at IS NULL
WHERE n.person_id = ? AND n.deleted_at IS NULL ORDER BY n.created_at DESC, n.id LIMIT ?"""
_UNREAD: Final = """
SELECT id FROM notification WHERE person_id = ? AND deleted_at IS NULL AND read_at IS NULL ORDER BY created_at, id"""


def news(reading: Reading) -> News:
    """Read what is known on this device."""
    person_id = state_of(reading).person_id
    found = reading.cursor.execute(_LINES, (person_id, MOST)).fetchall()
    unread = reading.cursor.execute(_UNREAD, (person_id,)).fetchall()
    lines = tuple(_line(each) for each in found)
    return News(lines, tuple(text_of(id_) for (id_,) in unread))


def _line(found: tuple[Any, ...]) -> NewsLine:
    id_, kind, subject, subject_id, title, detail, created_at, is_read, is_here, asset_id = found
    return NewsLine(
        id=text_of(id_),
        kind=text_of(kind),
        subject=text_of(subject),
        subject_id=text_of(subject_id),
        title=text_of(title),
        detail=text_or_none(detail),
        created_at=text_of(created_at),
        is_read=bool(is_read),
        is_here=bool(is_here),
        asset_id=text_or_none(asset_id),
    )
