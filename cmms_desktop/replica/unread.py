"""Rows of entities that this program does not know yet: of each the hash alone, so that digests are the server's.

Without them an aggregate of which a newer server keeps more would differ for ever, and be fetched again at each
change. Their content is passed over; an update of the program asks for it (filling.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from cmms_desktop.replica.settlement import execute_in
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar

COLUMNS: Final = "entity, row_id, aggregate_id, row_hash, sync_seq"
_SENT: Final = ("id", "aggregate_id", "row_hash", "sync_seq", "deleted_at")
"""What is read of such a row; an entity without one of them is passed over whole."""
_UPSERT: Final = (
    " ON CONFLICT (entity, row_id) DO UPDATE SET aggregate_id = excluded.aggregate_id, row_hash = excluded.row_hash,"
    " sync_seq = excluded.sync_seq"
)
UNKNOWN: Final = f"entity NOT IN ({', '.join(repr(entity) for entity in sorted(REGISTRY))})"
"""Rows that count: of an entity that is known by now its own table tells."""

Noted = tuple[str, Scalar, Scalar, Scalar, Scalar]
"""Entity, id, aggregate, hash (0: deleted) and sync_seq."""


def noted(entity: str, names: Sequence[str] | None, lines: Iterable[Sequence[Scalar]]) -> list[Noted]:
    """Read what is kept of the lines of an unknown entity, whose columns the header named."""
    if names is None or not set(_SENT) <= set(names):
        return []
    row_id, aggregate_id, row_hash, sync_seq, deleted_at = (names.index(name) for name in _SENT)
    return [
        (
            entity,
            line[row_id],
            line[aggregate_id],
            0 if line[deleted_at] is not None else line[row_hash],
            line[sync_seq],
        )
        for line in lines
    ]


class UnreadRows:
    """The table of an open transaction, while one answer is applied."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._names: Mapping[str, Sequence[str]] = {}

    def take_header(self, header: Mapping[str, Any]) -> None:
        """Learn the columns of what is to come."""
        self._names = header["types"]

    def take(self, entity: str, lines: Iterable[Sequence[Scalar]], holds: Callable[[set[str]], set[str]]) -> None:
        """Note the rows of aggregates that this device holds."""
        rows = noted(entity, self._names.get(entity), lines)
        held = holds({str(row[2]) for row in rows})
        self._cursor.executemany(
            f"INSERT INTO unread_row ({COLUMNS}) VALUES (?, ?, ?, ?, ?){_UPSERT}",
            [row for row in rows if row[2] in held],
        )

    def forget(self, aggregate_ids: Iterable[str]) -> None:
        """Forget the rows of aggregates that are gone, or of which all that there is comes next."""
        if self._are_any:
            execute_in(self._cursor, "DELETE FROM unread_row WHERE aggregate_id IN {}", aggregate_ids)

    @cached_property
    def _are_any(self) -> bool:
        return are_any(self._cursor)


def are_any(cursor: Any) -> bool:
    """Whether there are such rows at all: nearly always there are none."""
    return bool(cursor.execute("SELECT EXISTS (SELECT 1 FROM unread_row)").fetchone()[0])


def hashes_of(cursor: Any, scope: str) -> list[tuple[str, int]]:
    """Give aggregate and hash of every row that counts in a scope."""
    if not are_any(cursor):
        return []
    sql = (
        "SELECT aggregate_id, row_hash FROM unread_row JOIN member USING (aggregate_id)"
        f" WHERE scope_id = ? AND {UNKNOWN}"
    )
    found: list[tuple[str, int]] = cursor.execute(sql, (scope,)).fetchall()
    return found


def merge_staged(cursor: Any, *, upto: int, is_same_epoch: bool) -> None:
    """Put those of a staged scope in the place of those that were here; a pull may have brought newer ones since."""
    cursor.execute(
        "DELETE FROM unread_row WHERE aggregate_id IN (SELECT aggregate_id FROM staged_member) AND sync_seq <= ?",
        (upto,),
    )
    newer = " WHERE excluded.sync_seq >= unread_row.sync_seq" if is_same_epoch else ""
    cursor.execute(f"INSERT INTO unread_row ({COLUMNS}) SELECT {COLUMNS} FROM staged_unread WHERE true{_UPSERT}{newer}")
