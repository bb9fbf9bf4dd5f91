"""Stops what would take most of a scope away at once without a recorded decision (sync.md §6).

Leaving, and losing a scope, are decisions with a reason and always count. Looked at are deletions that a pull brings,
and heals. What was stopped is taken when an administrator says that it was meant, and in a new epoch, in which much may
be gone (sync_server/RUNBOOK.md).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from cmms_desktop.errors import ContractMismatch
from cmms_desktop.replica.settlement import select_in
from cmms_desktop.replica.tables import AGGREGATE_KEY
from sync_server.contract import codec
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.rules.draft import Key

MANY_ROWS: Final = 200
"""So few rows may always go."""
SHARE: Final = 0.5
GUARDED: Final = "guarded"
"""Kind of the notice that tells of it."""
SENTENCE: Final = "The server would remove most of the records of this device at once. They are kept here."


class WouldRemoveTooMuch(ContractMismatch):
    """Nothing of the answer was applied."""

    def __init__(self, count: int) -> None:
        super().__init__(SENTENCE)
        self.count = count


def require_some_left(cursor: Any, scope: str, *, gone: Mapping[str, str], rows: Collection[Key]) -> None:
    """Raise WouldRemoveTooMuch when more than 200 rows and more than half of a scope would go.

    Args:
        cursor: Of the open transaction, in which `gone` have left the scope already.
        scope: The one that is healed.
        gone: Aggregates that left it, with their types.
        rows: Single rows that go, of aggregates that stay.
    """
    elsewhere = select_in(cursor, "SELECT DISTINCT aggregate_id FROM member WHERE aggregate_id IN {}", gone)
    gone = {each: type_ for each, type_ in gone.items() if (each,) not in elsewhere}
    removed = _count(cursor, gone) + len(rows)
    if removed <= MANY_ROWS:
        return
    lines = cursor.execute("SELECT aggregate_id, aggregate_type FROM member WHERE scope_id = ?", (scope,)).fetchall()
    whole = _count(cursor, dict(lines)) + _count(cursor, gone)
    if removed > whole * SHARE:
        raise WouldRemoveTooMuch(removed)


def kept_back(cursor: Any, lines: Iterable[Sequence[Any]]) -> frozenset[Key]:
    """Give the rows whose tombstones in an answer must not count: more than 200, and more than half of a scope.

    Args:
        cursor: Of the open transaction, before anything of the answer was applied.
        lines: The decoded lines of a pull.
    """
    deleted = {key: aggregate_id for key, aggregate_id in _tombstones(lines) if _is_live(cursor, key)}
    if len(deleted) <= MANY_ROWS:
        return frozenset()
    by_aggregate: dict[str, list[Key]] = {}
    for key, aggregate_id in deleted.items():
        by_aggregate.setdefault(aggregate_id, []).append(key)
    of_scope: dict[str, list[Key]] = {}
    sql = "SELECT scope_id, aggregate_id FROM member WHERE aggregate_id IN {}"
    for scope, aggregate_id in select_in(cursor, sql, by_aggregate):
        of_scope.setdefault(scope, []).extend(by_aggregate[aggregate_id])
    return frozenset(key for scope, keys in of_scope.items() if _is_most(cursor, scope, len(keys)) for key in keys)


def _is_most(cursor: Any, scope: str, count: int) -> bool:
    sql = "SELECT aggregate_id, aggregate_type FROM member WHERE scope_id = ?"
    whole = dict(cursor.execute(sql, (scope,)).fetchall())
    return count > MANY_ROWS and count > _count(cursor, whole) * SHARE


def _tombstones(lines: Iterable[Sequence[Any]]) -> Iterator[tuple[Key, str]]:
    """Keys and aggregates of the rows that an answer deletes."""
    types: dict[str, list[str]] = {}
    for line in lines:
        if line[0] == codec.HEADER:
            types = line[1]["types"]
        elif line[0] == codec.ROWS and "deleted_at" in types.get(line[1], ()):
            names = types[line[1]]
            at, id_at, aggregate_at = (names.index(name) for name in ("deleted_at", "id", "aggregate_id"))
            yield from (((line[1], cells[id_at]), cells[aggregate_at]) for cells in line[2] if cells[at] is not None)


def _is_live(cursor: Any, key: Key) -> bool:
    entity, row_id = key
    if entity not in REGISTRY:
        return False
    return bool(cursor.execute(f"SELECT 1 FROM {entity} WHERE id = ? AND deleted_at IS NULL", (row_id,)).fetchone())


def _count(cursor: Any, aggregates: Mapping[str, str]) -> int:
    """Live rows of aggregates."""
    count = 0
    for type_ in sorted(set(aggregates.values())):
        ids = [each for each, of in aggregates.items() if of == type_]
        for entity in AGGREGATES.get(type_, ()):
            sql = f"SELECT count(*) FROM {entity} WHERE deleted_at IS NULL AND {AGGREGATE_KEY[entity]} IN {{}}"
            count += sum(number for (number,) in select_in(cursor, sql, ids))
    return count
