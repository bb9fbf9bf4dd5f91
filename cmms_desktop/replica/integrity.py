"""Digests of what the replica holds, to be compared with the server's (sync.md §7).

Always over the server's rows: beneath open edits that is the shadow. A digest is a signed 64-bit integer; XOR, so the
order never matters.
"""

import hashlib
from collections.abc import Mapping
from functools import reduce
from operator import xor
from typing import Any

from cmms_desktop.replica import unread
from cmms_desktop.replica.rows import RowStore
from cmms_desktop.replica.tables import AGGREGATE_KEY
from sync_server.contract.entities import AGGREGATES
from sync_server.contract.fields import Row

Digest = tuple[int, int]
"""Digest and number of aggregates of a scope."""


def _shadow_hashes(cursor: Any, aggregate_ids: Mapping[str, int]) -> dict[tuple[str, str], tuple[str, int]]:
    """Key → aggregate and row hash of the server's row beneath; 0 for rows that the server does not have alive."""
    store = RowStore(cursor)
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for entity, row_id, aggregate_id in cursor.execute("SELECT entity, row_id, aggregate_id FROM shadow").fetchall():
        if aggregate_id in aggregate_ids:
            found[entity, row_id] = (aggregate_id, _live_hash(store.shadow((entity, row_id))))
    return found


def _live_hash(row: Row | None) -> int:
    return 0 if row is None or row["deleted_at"] is not None else int(row["row_hash"] or 0)


def aggregate_term(aggregate_id: str, digest: int) -> int:
    """What an aggregate adds to the digest of a scope: first 8 bytes of SHA-256 of `id:digest`, signed, big-endian."""
    return int.from_bytes(hashlib.sha256(f"{aggregate_id}:{digest}".encode()).digest()[:8], signed=True)


def digests_of(cursor: Any, scope: str) -> dict[str, int]:
    """Give every aggregate of a scope with its digest: one statement an entity, whatever the scope holds."""
    members = dict(
        cursor.execute("SELECT aggregate_id, aggregate_type FROM member WHERE scope_id = ?", (scope,)).fetchall()
    )
    digests = dict.fromkeys(members, 0)
    shadows = _shadow_hashes(cursor, digests)
    for entity in dict.fromkeys(each for type_ in set(members.values()) for each in AGGREGATES.get(type_, ())):
        sql = (
            f"SELECT t.id, m.aggregate_id, t.row_hash FROM member m JOIN {entity} t"
            f" ON t.{AGGREGATE_KEY[entity]} = m.aggregate_id WHERE m.scope_id = ? AND t.deleted_at IS NULL"
        )
        for row_id, aggregate_id, row_hash in cursor.execute(sql, (scope,)):
            if not shadows or (entity, row_id) not in shadows:
                digests[aggregate_id] ^= row_hash
    for aggregate_id, row_hash in (*shadows.values(), *unread.hashes_of(cursor, scope)):
        digests[aggregate_id] ^= row_hash
    return digests


def scope_digest(cursor: Any, scope: str) -> Digest:
    """Give digest and number of aggregates of a scope as this replica holds it."""
    digests = digests_of(cursor, scope)
    return reduce(xor, (aggregate_term(*each) for each in digests.items()), 0), len(digests)


def differing_scopes(cursor: Any, told: Mapping[str, Digest]) -> tuple[str, ...]:
    """Give the scopes whose digest or count is not what the server told with the last pull, in order."""
    return tuple(scope for scope in sorted(told) if scope_digest(cursor, scope) != tuple(told[scope]))
