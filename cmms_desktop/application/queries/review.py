"""The supervisor's queue: what is completed and waits for him, exceptions first; what was returned; what is approved.

Frozen rows from the replica only, for the sites where the person may sign off. Judges nothing: exceptions are what the
technician recorded, what is not here yet, and what changed after signing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.application.queries.day import return_reasons
from cmms_desktop.application.queries.lookups import AMONG, asset_label, packed, state_of, text_of
from cmms_desktop.application.queries.review_exceptions import NO_EXCEPTIONS, Exceptions, exceptions_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.sign_off import REVIEWERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """One order of the queue. Instants in wire form; `at`: when it was completed, returned or closed."""

    id: str
    number: str
    title: str
    status: str
    priority: str
    asset: str | None
    site: str
    performer: str
    at: str
    is_own_work: bool
    exceptions: Exceptions
    return_reason: str | None


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """Three lists, newest first; pending ones with exceptions stand before those without."""

    pending: tuple[ReviewLine, ...]
    returned: tuple[ReviewLine, ...]
    approved: tuple[ReviewLine, ...]
    sites: tuple[str, ...]


_REVIEWERS: Final = ", ".join(f"'{role}'" for role in sorted(REVIEWERS))
SITES_TO_REVIEW: Final = f"""
SELECT s.id FROM site s JOIN person p ON p.id = ?1 WHERE s.deleted_at IS NULL
  AND (p.role IN ('manager', 'admin') OR s.id IN (
  SELECT site_id FROM site_access WHERE person_id = ?1 AND deleted_at IS NULL AND role IN ({_REVIEWERS})))"""
"""Where the person ?1 may sign off."""
_SITES: Final = f"SELECT id, name FROM site WHERE id IN ({SITES_TO_REVIEW}) ORDER BY name"
_ORDERS: Final = """
SELECT w.id, w.number, w.title, w.status, w.priority, coalesce(a.code, st.code), coalesce(a.name, st.name),
  w.asset_text, s.name, w.completed_at, w.closed_at, w.updated_at, g.signer_id,
  coalesce(p.name, (SELECT v.name FROM work_log l JOIN person v ON v.id = l.person_id WHERE l.aggregate_id = w.id
   AND l.deleted_at IS NULL ORDER BY l.started_at DESC, l.id LIMIT 1), '')
FROM work_order w LEFT JOIN site s ON s.id = w.site_id LEFT JOIN asset a ON a.id = w.asset_id
LEFT JOIN asset_stub st ON st.asset_id = w.asset_id AND a.id IS NULL
LEFT JOIN signature g ON g.id = w.performed_signature_id LEFT JOIN person p ON p.id = g.signer_id
WHERE w.deleted_at IS NULL AND"""
_QUEUE: Final = f"""{_ORDERS} w.site_id {AMONG} AND (w.status = 'completed' OR (w.status = 'closed'
  AND w.closed_at >= ?) OR (w.status IN ('in_progress', 'on_hold') AND w.performed_signature_id IS NULL
  AND EXISTS (SELECT 1 FROM signature r WHERE r.aggregate_id = w.id AND r.meaning = 'reviewed')))"""


def review_queue(reading: Reading, person_id: str, *, approved_since: str) -> ReviewQueue:
    """The queue of a person; approved ones since an instant in wire form."""
    sites = reading.cursor.execute(_SITES, (person_id,)).fetchall()
    parameters = (packed(site_id for site_id, _ in sites), approved_since)
    lines = reading.cursor.execute(_QUEUE, parameters).fetchall()
    newest = sorted(_review_lines(reading, lines, person_id), key=_at, reverse=True)
    pending = [row for row in newest if row.status == "completed"]
    return ReviewQueue(
        pending=tuple(sorted(pending, key=_has_none)),
        returned=tuple(row for row in newest if row.status in {"in_progress", "on_hold"}),
        approved=tuple(row for row in newest if row.status == "closed"),
        sites=tuple(text_of(name) for _, name in sites),
    )


def review_line(reading: Reading, order_id: str) -> ReviewLine | None:
    """One order as a line of the queue, whatever its state, for the person of this replica; None: it is not here."""
    lines = reading.cursor.execute(f"{_ORDERS} w.id = ?", (order_id,)).fetchall()
    return next(iter(_review_lines(reading, lines, state_of(reading).person_id)), None)


def _review_lines(reading: Reading, lines: Sequence[Any], person_id: str) -> list[ReviewLine]:
    open_ids = [line[0] for line in lines if line[3] != "closed"]
    found, returned = exceptions_of(reading, open_ids), return_reasons(reading, open_ids)
    return [_line(line, found.get(line[0], NO_EXCEPTIONS), returned.get(line[0]), person_id) for line in lines]


def _at(line: ReviewLine) -> tuple[str, str]:
    return line.at, line.id


def _has_none(line: ReviewLine) -> bool:
    return line.exceptions.count == 0


def _line(line: Sequence[Any], found: Exceptions, returned: str | None, person_id: str) -> ReviewLine:
    order_id, number, title, status, priority = (text_of(cell) for cell in line[:5])
    moments = {"completed": line[9], "closed": line[10]}
    return ReviewLine(
        id=order_id,
        number=number,
        title=title,
        status=status,
        priority=priority,
        asset=asset_label(line[5], line[6], line[7]),
        site=text_of(line[8]),
        performer=line[13],
        at=text_of(moments.get(status) or line[11]),
        is_own_work=line[12] == person_id,
        exceptions=found,
        return_reason=returned,
    )
