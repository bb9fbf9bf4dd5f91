"""Codes and numbers that people take for unique. A clash never refuses a row: the later one is marked (product.md §6).

Asked under the clock, so that two commits cannot both believe that they came first. Who gives a key up by a new name or
a deletion hands it to the oldest that waits for it, and that one's mark goes.
"""

from collections.abc import Collection, Mapping, Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row


def mark(
    connection: Connection[TupleRow],
    organization_id: str,
    rows: Mapping[str, Sequence[Row]],
    *,
    released: Collection[str] = (),
) -> None:
    """Set `code_conflict` in the given rows (by entity) whose natural key a live row, or an earlier one here, has.

    `released`: ids of rows that give theirs up in this very commit.
    """
    for entity, changed in rows.items():
        name = REGISTRY[entity].natural_key
        if name is None:
            continue
        taken = _taken(connection, organization_id, entity, name, changed, released)
        for row in changed:
            holder = taken.setdefault(str(row[name]), str(row["id"]))
            row["code_conflict"] = holder != row["id"]


def _taken(
    connection: Connection[TupleRow],
    organization_id: str,
    entity: str,
    name: str,
    rows: Sequence[Row],
    released: Collection[str],
) -> dict[str, str]:
    """Key → id of the live row that has it and keeps it."""
    found = connection.execute(
        f"select {name}, id::text from {entity} where organization_id = %s and {name} = any(%s)"
        " and deleted_at is null and not code_conflict".encode(),
        (organization_id, [row[name] for row in rows]),
    )
    return {row[0]: row[1] for row in found if row[1] not in released}


def waiting(
    connection: Connection[TupleRow], organization_id: str, entity: str, keys: Collection[str]
) -> tuple[str, ...]:
    """Lock the marked rows that wait for some keys, and give the oldest of each key.

    Asked before the clock. A row that somebody else holds just now is skipped, never waited for: it stays marked until
    it is written the next time.
    """
    name = REGISTRY[entity].natural_key
    found = connection.execute(
        f"select {name}, id::text from {entity} where organization_id = %s and {name} = any(%s)"
        " and deleted_at is null and code_conflict order by created_at, id for no key update skip locked".encode(),
        (organization_id, sorted(keys)),
    ).fetchall()
    return tuple(dict(reversed(found)).values())
