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
            holder = taken.setdefault(str(row[name]), str(row["id"]))
            row["code_conflict"] = holder != row["id"]


def _taken(
    connection: Connection[TupleRow], organization_id: str, entity: str, name: str, rows: Sequence[Row]
) -> dict[str, str]:
    """Key → id of the live row that has it now. One that gives it up in this very commit still counts."""
    found = connection.execute(
        f"select {name}, id::text from {entity} where organization_id = %s and {name} = any(%s)"
        " and deleted_at is null and not code_conflict".encode(),
        (organization_id, [row[name] for row in rows]),
    )
    return {row[0]: row[1] for row in found}
