"""Removing an organization with everything that it has: rows, index, files. Nothing of another is touched.

Done by the owner of the tables, whom row security binds to this one organization, in steps that each may be the last:
whoever runs it again goes on. At first it becomes closed for good (no clock, so nothing is written; no device in good
standing, so nothing is asked), at the very end its name goes. Backups that were made before still hold it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.tenants.suspending import checked_reason
from sync_server.errors import EnvironmentFailure, Refused, RetryLater
from sync_server.storage import tenant_tables
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from sync_server.storage.tenant_tables import TenantTable

log = logging.getLogger(__name__)

BATCH = 2_000
"""Rows in one transaction: each is looked for in all tables that may refer to it."""
FILES = 500
ROUNDS = 5
"""How often all tables are gone through: a request that was under way may leave something behind the first time."""
TRIES = 10
BELOW = ("", "uploads/", "aside/")
"""Where the store of photos keeps what belongs to an organization, each followed by its id."""
UNSENT = """
SELECT p.name, d.id::text, coalesce(d.outbox_count, 0) FROM device AS d
JOIN person AS p ON p.organization_id = d.organization_id AND p.id = d.person_id
WHERE d.organization_id = %(id)s AND d.wiped_at IS NULL AND d.outbox_count > 0
UNION ALL
SELECT p.name, d.id::text, s.changes FROM sealed_outbox AS s
JOIN device AS d ON d.organization_id = s.organization_id AND d.id = s.device_id
JOIN person AS p ON p.organization_id = d.organization_id AND p.id = d.person_id
WHERE s.organization_id = %(id)s AND s.taken_over_at IS NULL
ORDER BY 1, 2
"""

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Removed:
    """What went: rows by table, and files."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0


def unsent(database: Database, organization_id: str) -> list[tuple[str, str, int]]:
    """Give who has work that did not arrive, as was heard last: person, device, changes."""
    with database.transaction("migrator", organization_id, read_only=True) as connection:
        return [
            (str(name), str(device), int(count)) for name, device, count in _ask_unsent(connection, organization_id)
        ]


def remove(
    database: Database, organization_id: str, *, slug: str, store: BlobStore, lose_unsent: str | None = None
) -> Removed:
    """Remove an organization; again goes on where a run before was cut off.

    Args:
        database: Migrated.
        organization_id: Which.
        slug: As somebody has typed it again.
        store: Where its photos lie.
        lose_unsent: Why work that devices have not sent may be lost, in a sentence. None: it may not.

    Raises:
        Refused: the slug is another one, or devices have work that nobody else has. Nothing has happened.
        RetryLater: database or store do not answer. What is gone is gone; run it again.
    """
    because = None if lose_unsent is None else checked_reason(lose_unsent)
    _again(lambda: _close(database, organization_id, slug, because))
    removed = Removed()
    for _ in range(ROUNDS):
        count = sum(removed.rows.values())
        _remove_rows(database, organization_id, removed)
        removed.files += _remove_files(store, organization_id)
        if sum(removed.rows.values()) == count and _again(lambda: _end(database, organization_id)):
            return removed
    raise RetryLater("Somebody still works in the organization. Run this again.")


def _ask_unsent(connection: Connection[TupleRow], organization_id: str) -> list[TupleRow]:
    return connection.execute(UNSENT, {"id": organization_id}).fetchall()


def _close(database: Database, organization_id: str, slug: str, because: str | None) -> None:
    """Close the organization for good, unless something speaks against it."""
    with database.transaction("migrator", organization_id) as connection:
        found = connection.execute(
            "select d.slug, o.removal_began_at is not null from organization as o"
            " join organization_directory as d on d.organization_id = o.id where o.id = %s for no key update of o",
            (organization_id,),
        ).fetchone()
        if found is None or found[0] != slug:
            raise Refused("invalid_value", "That is not its slug. Nothing was removed.")
        connection.execute("set local role cmms_owner")
        connection.execute(
            "update device set revoked_at = coalesce(revoked_at, clock_timestamp()) where organization_id = %s",
            (organization_id,),
        )
        if not found[1] and because is None and (left := _ask_unsent(connection, organization_id)):
            raise Refused("not_allowed", _unsent_sentence(left))
        connection.execute(
            "update organization set removal_began_at = coalesce(removal_began_at, clock_timestamp()),"
            " removed_because = coalesce(removed_because, %s), updated_at = clock_timestamp() where id = %s",
            (because, organization_id),
        )
        connection.execute("delete from org_clock where organization_id = %s", (organization_id,))
    if not found[1]:
        log.info("the removal of the organization %s has begun: %s", organization_id, because or "nothing unsent")


def _unsent_sentence(left: list[TupleRow]) -> str:
    names = ", ".join(f"{name} ({count} on {device[:8]})" for name, device, count in left[:5])
    more = f" and {len(left) - 5} more" if len(left) > 5 else ""
    return (
        f"There is work that has not arrived: {names}{more}. Let the devices send, take over what was handed in, or "
        "say with --lose-unsent why it may be lost."
    )


def _remove_rows(database: Database, organization_id: str, removed: Removed) -> None:
    with database.transaction("migrator", organization_id, read_only=True) as connection:
        tables = tenant_tables.tenant_tables(connection)
    for table in tables:
        while count := _again(lambda: _remove_some(database, organization_id, table)):  # noqa: B023 - called at once
            removed.rows[table.name] = removed.rows.get(table.name, 0) + count


def _remove_some(database: Database, organization_id: str, table: TenantTable) -> int:
    with database.transaction("migrator", organization_id) as connection:
        connection.execute("set local role cmms_owner")
        count = tenant_tables.remove_rows(connection, table, organization_id, limit=BATCH)
        if count or not table.parents:
            return count
        return tenant_tables.remove_ring(connection, table, organization_id)


def _remove_files(store: BlobStore, organization_id: str) -> int:
    """Remove what lies in the store, and look whether it is gone. Raises RetryLater when it is not."""
    count = 0
    for start in BELOW:
        while names := _first_names(store, f"{start}{organization_id}"):
            store.remove(names)
            if set(names) & set(_first_names(store, f"{start}{organization_id}")):
                raise EnvironmentFailure(
                    "The store of photos keeps files that should go. Look at it, and run this again."
                )
            count += len(names)
    return count


def _first_names(store: BlobStore, folder: str) -> list[str]:
    names = []
    for kept in store.below(folder):
        names.append(kept.name)
        if len(names) == FILES:
            break
    return names


def _end(database: Database, organization_id: str) -> bool:
    """Take the name away, unless a row has come meanwhile."""
    with database.transaction("migrator", organization_id) as connection:
        connection.execute("select from organization where id = %s for update", (organization_id,))
        tables = tenant_tables.tenant_tables(connection)
        if any(tenant_tables.has_rows(connection, table, organization_id) for table in tables):
            return False
        connection.execute("delete from organization_directory where organization_id = %s", (organization_id,))
        connection.execute("delete from organization where id = %s", (organization_id,))
    log.info("the organization %s is removed", organization_id)
    return True


def _again(step: Callable[[], Answer]) -> Answer:
    """Run a step, again when somebody was in the way. Raises RetryLater when somebody always is."""
    for _ in range(TRIES - 1):
        try:
            return step()
        except RetryLater:
            continue
    return step()
