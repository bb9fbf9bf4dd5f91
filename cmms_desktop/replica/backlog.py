"""How much of a replica's work is still to be sent, as numbers for the status strip. Reads only."""

from dataclasses import dataclass
from typing import Any, Final

_COUNTS: Final = """
SELECT (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sealed')),
  (SELECT count(*) FROM outbox WHERE state IN ('parked', 'held')), count(*), coalesce(sum(size_bytes), 0),
  (SELECT count(*) FROM outbox WHERE state = 'sealed' AND lost_seq IS NOT NULL)
FROM blob WHERE state = 'to_send'"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits on this device. `photos` are files of any kind that the server lacks, `photo_bytes` their sizes."""

    waiting: int = 0
    """Mutations without an answer."""
    attention: int = 0
    """Mutations that were refused or are held at the server."""
    photos: int = 0
    photo_bytes: int = 0
    again: int = 0
    """Those of `waiting` that a restored server has lost."""


def backlog_of(cursor: Any) -> Backlog:
    """Count what waits, in one statement."""
    return Backlog(*cursor.execute(_COUNTS).fetchone())
