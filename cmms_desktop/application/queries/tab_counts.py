"""The numbers beside the tabs of an order. Frozen, from the replica only."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import rows_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules import checklist


@dataclass(frozen=True, slots=True)
class TabCounts:
    """Numbers beside the tabs; `checklist`: items that are asked."""

    checklist: int
    answered: int
    failed: int
    missing: int
    parts: int
    photos: int
    comments: int
    visits: int


_COUNTS: Final = """
SELECT (SELECT count(*) FROM stock_movement WHERE aggregate_id = ?1 AND deleted_at IS NULL),
  (SELECT count(*) FROM attachment WHERE aggregate_id = ?1 AND deleted_at IS NULL),
  (SELECT count(*) FROM comment WHERE aggregate_id = ?1 AND deleted_at IS NULL),
  (SELECT count(*) FROM work_log WHERE aggregate_id = ?1 AND deleted_at IS NULL)"""


def tab_counts(reading: Reading, order_id: str) -> TabCounts:
    """Count what one order holds."""
    items = rows_of(reading, "checklist_item", (order_id,)).get(order_id, [])
    progress = checklist.progress(items)
    counted = reading.cursor.execute(_COUNTS, (order_id,)).fetchone()
    return TabCounts(progress.total, progress.answered, progress.failed, len(checklist.missing(items)), *counted)
