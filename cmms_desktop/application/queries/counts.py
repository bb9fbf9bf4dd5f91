"""The numbers on rail and bottom bar: what waits for a decision, and what waits for the network."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.assignment_requests import IS_VOID
from cmms_desktop.application.queries.half_entered import left_texts
from cmms_desktop.application.queries.review import SITES_TO_REVIEW
from cmms_desktop.replica.transaction import Reading


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """How much there is to see. `name`: of the signed-in person, "" before his row arrived.

    `conflicts`: orders and other things with open ones, as the inbox lists them. `to_review`: as the review lists them.
    `left`: texts about orders that left. `news`: what he was told and has not read.
    """

    conflicts: int
    held: int
    unsent: int
    parked: int
    left: int
    to_review: int
    news: int
    name: str


_COUNTS: Final = f"""
SELECT
  (SELECT count(DISTINCT c.aggregate_id) FROM conflict c WHERE c.deleted_at IS NULL AND c.resolution IS NULL
    AND NOT {IS_VOID}),
  (SELECT count(*) FROM held_mutation WHERE deleted_at IS NULL AND decision IS NULL),
  (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sealed')),
  (SELECT count(*) FROM outbox WHERE state = 'parked'),
  (SELECT count(*) FROM work_order WHERE deleted_at IS NULL AND status = 'completed'
    AND site_id IN ({SITES_TO_REVIEW})),
  (SELECT count(*) FROM notification WHERE person_id = ?1 AND deleted_at IS NULL AND read_at IS NULL),
  coalesce((SELECT name FROM person WHERE id = ?1 AND deleted_at IS NULL), '')"""


def place_counts(reading: Reading, person_id: str) -> PlaceCounts:
    """Count everything."""
    conflicts, held, unsent, parked, to_review, news, name = reading.cursor.execute(_COUNTS, (person_id,)).fetchone()
    left = len(left_texts(reading))
    return PlaceCounts(conflicts, held, unsent, parked, left, to_review, news, name)
