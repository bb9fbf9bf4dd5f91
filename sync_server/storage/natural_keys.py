"""Codes and numbers that people take for unique. A clash never refuses a row: the later one is marked (product.md §6).

Asked under the clock, so that two commits cannot both believe that they came first. Who gives a key up by a new name or
a deletion hands it to the oldest that waits for it, and that one's mark goes.
"""

from collections.abc import Collection, Mapping, Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.storage.wire_rows import id_array


def mark(
    connection: Connection[TupleRow],
    organization_id: str,
    rows: Mapping[str, Sequence[Row]],
    *,
    released: Collection[str] = (),
) -> None:
    """Set `code_conflict` in the given rows (by entity) whose natural key a live row, or an older one here, has.

    `released`: ids of rows that give theirs up in this very commit.
    """
    for entity, changed in rows.items():
        name = REGISTRY[entity].natural_key
        if name is None:
            continue
        taken = _taken(connection, organization_id, entity, name, changed, released)
        for row in sorted(changed, key=_age):
            holder = taken.setdefault(str(row[name]), str(row["id"]))
            row["code_conflict"] = holder != row["id"]


def _age(row: Row) -> tuple[str, str]:
    return str(row["created_at"]), str(row["id"])


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
    connection: Connection[TupleRow],
    organization_id: str,
    entity: str,
    keys: Collection[str],
    *,
    written: Collection[str],
    released: Collection[str],
) -> tuple[str, ...]:
    """Give the marked row that has waited longest for each of some keys that nobody has, and lock it.

    Asked before the clock. `written`: ids of rows that this commit writes anyway: they stand in no line. `released`: of
    those that give theirs up. A row that somebody else holds just now is skipped, never waited for: it has its key as
    soon as that one, or anybody with the same key, is written, and nobody younger has it meanwhile.
    """
    name = REGISTRY[entity].natural_key
    found = connection.execute(
        f"select t.id::text from {entity} t where t.organization_id = %(organization)s and t.code_conflict"
        f" and t.deleted_at is null and t.id = any(array(select distinct on (w.{name}) w.id from {entity} w"
        f" where w.organization_id = %(organization)s and w.{name} = any(%(keys)s) and w.deleted_at is null"
        " and w.code_conflict and w.id <> all(%(written)s::uuid[])"
        f" and not exists (select from {entity} h where h.organization_id = %(organization)s and h.{name} = w.{name}"
        " and h.deleted_at is null and not h.code_conflict and h.id <> all(%(released)s::uuid[]))"
        f" order by w.{name}, w.created_at, w.id)) order by t.id for no key update of t skip locked".encode(),
        {
            "organization": organization_id,
            "keys": sorted(keys),
            "written": id_array(written),
            "released": id_array(released),
        },
    )
    return tuple(row_id for (row_id,) in found)
