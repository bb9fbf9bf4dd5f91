"""Counts what an organization uses, once a day: the last count of a day stands."""

from datetime import date

from sync_server.storage import plan_limits
from sync_server.storage.engine import Database


def count_usage(database: Database, organization_id: str, *, day: date) -> dict[str, int]:
    """Count and write down what there is now, for a day; give the counts by kind."""
    with database.transaction("worker", organization_id) as connection:
        counts = {kind: plan_limits.count(connection, organization_id, kind) for kind in plan_limits.COUNTS}
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into usage_counter (organization_id, kind, counted_on, value) values (%s, %s, %s, %s)"
                " on conflict (organization_id, kind, counted_on) do update set value = excluded.value",
                [(organization_id, kind, day, value) for kind, value in counts.items()],
            )
    return counts
