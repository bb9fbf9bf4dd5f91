"""Codes and numbers that people take for unique. A clash never refuses a row: the later one is marked (product.md §6).

Asked under the clock, so that two commits cannot both believe that they came first.
"""

from collections.abc import Mapping, Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row


def mark(connection: Connection[TupleRow], organization_id: str, rows: Mapping[str, Sequence[Row]]) -> None:
    """Set `code_conflict` in the given rows (by entity) whose natural key a live row, or an earlier one here, has."""
    for entity, changed in rows.items():
        name = REGISTRY[entity].natural_key
        if name is None:
            continue
        taken = _taken(connection, organization_id, entity, name, changed)
        for row in changed:
            key = str(row[name])
            row["code_conflict"] = key in taken
            taken.add(key)


def _taken(
    connection: Connection[TupleRow], organization_id: str, entity: str, name: str, rows: Sequence[Row]
) -> set[str]:
    found = connection.execute(
        f"select {name} from {entity} where organization_id = %s and {name} = any(%s)"
        " and id <> all(%s::uuid[]) and deleted_at is null and not code_conflict".encode(),
        (organization_id, [row[name] for row in rows], [row["id"] for row in rows]),
    )
    return {row[0] for row in found}
