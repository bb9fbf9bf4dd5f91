"""Stops what would take most of a scope away at once without a recorded decision (sync.md §6).

Leaving, and losing a scope, are decisions with a reason and always count. Only a heal is looked at here.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from cmms_desktop.errors import ContractMismatch
from cmms_desktop.replica.settlement import select_in
from cmms_desktop.replica.tables import AGGREGATE_KEY
from sync_server.contract.entities import AGGREGATES
from sync_server.contract.rules.draft import Key

MANY_ROWS: Final = 200
"""So few rows may always go."""
SHARE: Final = 0.5
GUARDED: Final = "The server would remove most of the records of this device at once. They are kept here."


class WouldRemoveTooMuch(ContractMismatch):
    """Nothing of the answer was applied."""

    def __init__(self, count: int) -> None:
        super().__init__(GUARDED)
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


def _count(cursor: Any, aggregates: Mapping[str, str]) -> int:
    """Live rows of aggregates."""
    count = 0
    for type_ in sorted(set(aggregates.values())):
        ids = [each for each, of in aggregates.items() if of == type_]
        for entity in AGGREGATES.get(type_, ()):
            sql = f"SELECT count(*) FROM {entity} WHERE deleted_at IS NULL AND {AGGREGATE_KEY[entity]} IN {{}}"
            count += sum(number for (number,) in select_in(cursor, sql, ids))
    return count
