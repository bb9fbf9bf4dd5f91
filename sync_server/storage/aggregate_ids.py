"""Ids of aggregates, of which each is one thing's only, whatever kind it is (D-148).

What hangs on a thing says by its aggregate's id where it belongs. Were an order made under the id of an asset that its
maker may not see, the asset's remarks would hang on his order as well.
"""

from collections.abc import Collection
from functools import cache
from typing import Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.notifying import NOTIFICATION
from sync_server.storage.wire_rows import composed, id_array

APART: Final = frozenset({NOTIFICATION})
"""Nothing hangs on these, the server alone makes them, and they lie by months: nobody looks among them."""


def is_any_taken(connection: Connection[TupleRow], organization_id: str, made: Collection[Key]) -> bool:
    """Whether the id of a root that is about to be made is that of another kind of thing, deleted ones too.

    Call it under the clock: whoever makes the other one at this moment waits for it, and then asks the same.
    """
    roots = [(entity, row_id) for entity, row_id in made if entity not in APART]
    if not roots:
        return False
    if len({row_id for _, row_id in roots}) < len(roots):
        return True
    kinds = f"{{{','.join(entity for entity, _ in roots)}}}"
    ids = id_array(row_id for _, row_id in roots)
    found = connection.execute(_looking(), {"organization": organization_id, "ids": ids, "kinds": kinds}).fetchone()
    return found is not None


@cache
def _looking() -> sql.SQL:
    tables = [entity for entity, spec in REGISTRY.items() if spec.is_root and entity not in APART]
    taken = " or ".join(
        f"n.kind <> '{entity}' and exists (select from {entity} t"
        " where t.organization_id = %(organization)s and t.id = n.id)"
        for entity in tables
    )
    return composed(f"select from unnest(%(ids)s::uuid[], %(kinds)s::text[]) as n(id, kind) where {taken} limit 1")
