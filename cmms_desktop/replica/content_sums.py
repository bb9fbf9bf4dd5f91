"""Checksums of what the server sent, an aggregate each, to find what was altered here without any row's hash changing.

Digests say whether the right versions of rows are here; they are computed from one column and cannot see that another
one was altered. A checksum covers every column of the server's rows: beneath open edits that is the shadow. It is
forgotten when rows arrive and computed again when nothing else is to be done.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from cmms_desktop.replica.rows import SQL, RowStore
from cmms_desktop.replica.settlement import execute_in, select_in
from cmms_desktop.replica.tables import AGGREGATE_KEY
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import Row, Scalar

BATCH: Final = 400
"""Aggregates in one transaction: some ten milliseconds."""
_DOUBLES: Final = {
    name: tuple(column.name for column in spec.columns if column.kind == "double") for name, spec in REGISTRY.items()
}
COVERED: Final = hashlib.sha256(repr([(name, sql.names) for name, sql in SQL.items()]).encode()).hexdigest()[:16]
"""Digest of the names that a checksum covers."""
_LACKING: Final = """
SELECT DISTINCT m.aggregate_id, m.aggregate_type FROM member m LEFT JOIN content_sum c USING (aggregate_id)
WHERE c.aggregate_id IS NULL LIMIT ?"""
_NEXT: Final = """
SELECT c.aggregate_id, c.checksum, min(m.aggregate_type) FROM content_sum c JOIN member m USING (aggregate_id)
WHERE c.aggregate_id > ? GROUP BY c.aggregate_id ORDER BY c.aggregate_id LIMIT ?"""


def forget(cursor: Any, aggregate_ids: Iterable[str]) -> None:
    """Forget the checksums of aggregates of which rows have arrived or gone."""
    execute_in(cursor, "DELETE FROM content_sum WHERE aggregate_id IN {}", aggregate_ids)


def forget_all(cursor: Any) -> None:
    """Forget every checksum: columns or numbers of all rows have changed."""
    cursor.execute("DELETE FROM content_sum")


def fill(cursor: Any) -> bool:
    """Compute some checksums that are lacking; tell whether there may be more."""
    lacking = dict(cursor.execute(_LACKING, (BATCH,)).fetchall())
    if not lacking:
        cursor.execute("DELETE FROM content_sum WHERE aggregate_id NOT IN (SELECT aggregate_id FROM member)")
        return False
    cursor.executemany("INSERT INTO content_sum VALUES (?, ?)", list(_sums(cursor, lacking).items()))
    return len(lacking) == BATCH


def altered(cursor: Any, *, after: str) -> tuple[list[str], str | None]:
    """Compare some aggregates with their checksums, in order of their ids.

    Args:
        after: Where the last call ended; "" begins.

    Returns:
        Ids of those that differ, and where to go on; None: these were the last.
    """
    lines = cursor.execute(_NEXT, (after, BATCH)).fetchall()
    found = _sums(cursor, {aggregate_id: type_ for aggregate_id, _, type_ in lines})
    differing = [aggregate_id for aggregate_id, checksum, _ in lines if found[aggregate_id] != checksum]
    return differing, lines[-1][0] if len(lines) == BATCH else None


def _sums(cursor: Any, aggregates: Mapping[str, str]) -> dict[str, int]:
    """Checksum of each aggregate: XOR over its server rows, tombstones too."""
    sums = dict.fromkeys(aggregates, 0)
    store = RowStore(cursor)
    for type_ in sorted(set(aggregates.values())):
        ids = [each for each, of in aggregates.items() if of == type_]
        for entity in AGGREGATES.get(type_, ()):
            sql = SQL[entity]
            query = f"SELECT {sql.quoted} FROM {entity} WHERE {AGGREGATE_KEY[entity]} IN {{}}"
            for line in select_in(cursor, query, ids):
                row = sql.row(line)
                if (entity, str(row["id"])) not in store.shadows:
                    sums[str(row["aggregate_id"])] ^= _sum(entity, row)
    beneath = select_in(cursor, "SELECT entity, row_id FROM shadow WHERE aggregate_id IN {}", aggregates)
    for entity, row_id in beneath:
        shadow = store.shadow((entity, row_id))
        if shadow is not None:
            sums[str(shadow["aggregate_id"])] ^= _sum(entity, shadow)
    return sums


def _sum(entity: str, row: Row) -> int:
    """First 8 bytes of BLAKE2b over the columns in order, as a signed integer."""
    values: list[Scalar] = [entity, *(_plain(entity, name, row[name]) for name in SQL[entity].names)]
    return int.from_bytes(hashlib.blake2b(msgspec.json.encode(values), digest_size=8).digest(), "big", signed=True)


def _plain(entity: str, name: str, value: Scalar) -> Scalar:
    """A number with a fraction is written the same whether it lay in a column or in a shadow."""
    return float(value) if value is not None and name in _DOUBLES[entity] else value
