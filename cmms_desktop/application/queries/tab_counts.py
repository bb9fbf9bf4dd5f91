"""The numbers beside the tabs of an order. Frozen, from the replica only."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.item_tally import ItemTally, item_tallies
from cmms_desktop.replica.transaction import Reading


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
    tally = item_tallies(reading, (order_id,)).get(order_id, ItemTally())
    counted = reading.cursor.execute(_COUNTS, (order_id,)).fetchone()
    return TabCounts(tally.total, tally.answered, tally.failed, tally.missing, *counted)
