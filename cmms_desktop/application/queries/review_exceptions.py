"""What a supervisor has to look at on orders: what failed, what lies outside, what was refused or changed. Frozen rows.

Judges nothing: it counts what the technician recorded, what is not here yet, and what changed after signing. Five
statements, whatever the number of orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.application.queries.assignment_requests import NO_REQUEST
from cmms_desktop.application.queries.checklist_page import excess_of
from cmms_desktop.application.queries.item_tally import counted_items
from cmms_desktop.application.queries.lookups import AMONG, packed, text_or_none
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row
from sync_server.contract.rules import checklist

Arrival = tuple[str | None, float | None]
"""Fence and distance in metres of an arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptions:
    """What a supervisor has to look at on one order."""

    failed: int
    flagged: int
    out_of_range: int
    fence: str | None
    """`outside` or `unknown`, of the last arrival; None: inside, or nobody arrived."""
    fence_distance_m: float | None
    is_refused: bool
    """By the customer, in his last statement."""
    is_stale: bool
    is_unsigned: bool
    """Nobody signed for the work, although it has to be."""
    photos_to_come: int
    """Photos whose bytes have not arrived on this device."""
    photos_missing: int
    """Photos of which something arrived that cannot be used, or that the server refuses."""
    conflicts: int
    parts_short: int

    @property
    def count(self) -> int:
        """How many there are. Not held against the work: an uncertain position, photos on the way, part requests."""
        alone = (self.fence == "outside", self.is_refused, self.is_stale, self.is_unsigned)
        return self.failed + self.flagged + self.out_of_range + self.conflicts + sum(alone)


NO_EXCEPTIONS: Final = Exceptions(
    failed=0,
    flagged=0,
    out_of_range=0,
    fence=None,
    fence_distance_m=None,
    is_refused=False,
    is_stale=False,
    is_unsigned=False,
    photos_to_come=0,
    photos_missing=0,
    conflicts=0,
    parts_short=0,
)
"""Of closed orders nobody asks any more."""

_ORDERS: Final = f"""
SELECT w.id, w.is_signature_stale,
  w.requires_signature AND w.performed_signature_id IS NULL AND w.status = 'completed',
  (SELECT count(*) FROM conflict c WHERE c.aggregate_id = w.id AND c.resolution IS NULL AND c.deleted_at IS NULL
    AND {NO_REQUEST}),
  (SELECT count(*) FROM part_request r WHERE r.aggregate_id = w.id AND r.status = 'open' AND r.deleted_at IS NULL),
  (SELECT count(*) FROM attachment t LEFT JOIN blob b ON b.sha256 = t.sha256 WHERE t.aggregate_id = w.id
   AND t.deleted_at IS NULL AND b.sha256 IS NULL),
  (SELECT count(*) FROM attachment t JOIN blob b ON b.sha256 = t.sha256 WHERE t.aggregate_id = w.id
   AND t.deleted_at IS NULL AND b.state = 'missing')
FROM work_order w WHERE w.id {AMONG}"""


def exceptions_of(reading: Reading, order_ids: Sequence[str]) -> dict[str, Exceptions]:
    """Exceptions of orders, by id; orders that are not here are missing."""
    items = counted_items(reading, order_ids)
    arrivals, answers = _arrivals(reading, order_ids), _customer_answers(reading, order_ids)
    lines = reading.cursor.execute(_ORDERS, (packed(order_ids),)).fetchall()
    return {
        line[0]: _exceptions(line, items.get(line[0], []), arrivals.get(line[0]), answers.get(line[0]))
        for line in lines
    }


def _exceptions(line: Sequence[Any], items: Sequence[Row], arrival: Arrival | None, answer: str | None) -> Exceptions:
    asked = checklist.visible(items)
    outside = [item for item in asked if excess_of(item) is not None]
    others = [item["result"] for item in asked if item not in outside]
    fence, distance_m = arrival or (None, None)
    is_elsewhere = fence is not None and fence != "inside"
    return Exceptions(
        failed=others.count("fail"),
        flagged=others.count("flag"),
        out_of_range=len(outside),
        fence=text_or_none(fence) if is_elsewhere else None,
        fence_distance_m=distance_m if is_elsewhere else None,
        is_refused=answer == "refused",
        is_stale=bool(line[1]),
        is_unsigned=bool(line[2]),
        photos_to_come=line[5],
        photos_missing=line[6],
        conflicts=line[3],
        parts_short=line[4],
    )


def _arrivals(reading: Reading, order_ids: Sequence[str]) -> dict[str, Arrival]:
    """Order → fence and distance of its last arrival."""
    found = reading.cursor.execute(
        f"SELECT aggregate_id, fence, distance_m FROM work_log_event WHERE aggregate_id {AMONG} AND kind = 'arrive'"
        " AND deleted_at IS NULL ORDER BY device_at, id",
        (packed(order_ids),),
    ).fetchall()
    return {order_id: (fence, distance_m) for order_id, fence, distance_m in found}


def _customer_answers(reading: Reading, order_ids: Sequence[str]) -> dict[str, str]:
    """Order → what its customer said last."""
    found = reading.cursor.execute(
        f"SELECT aggregate_id, meaning FROM signature WHERE aggregate_id {AMONG}"
        " AND meaning IN ('accepted', 'refused') AND deleted_at IS NULL ORDER BY signed_at, id",
        (packed(order_ids),),
    ).fetchall()
    return dict(found)
