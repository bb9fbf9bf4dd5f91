"""Months that are old are detached from histories; each organization is left a record of what was in them.

The record is written first: a month that could not be looked through stays where it is, and is tried again.
"""

from datetime import timedelta

from sync_server.routines import activity_months
from sync_server.routines.steps import reading
from sync_server.storage import activity_log, archives, meter_readings, notification_months, routine_runs
from sync_server.storage.archives import BY_MONTH, Archive
from sync_server.storage.engine import Database

KEPT = {
    "meter_reading": meter_readings.MONTHS_KEPT,
    "activity_log": activity_log.MONTHS_KEPT,
    "notification": notification_months.MONTHS_KEPT,
}
KEYS = {
    "meter_reading": ("organization_id", "id", "received_on"),
    "activity_log": ("organization_id", "seq", "received_on"),
    "notification": ("organization_id", "id", "received_on"),
}
"""Columns of their primary keys, in order."""


def detach_old_months(database: Database) -> int:
    """Record and detach the months that are too old to be asked for; give how many."""
    for table in BY_MONTH:
        record_months(database, table)
    return (
        meter_readings.detach_months(database)
        + activity_months.detach_months(database)
        + notification_months.detach_months(database)
    )


def record_months(database: Database, table: str) -> int:
    """Record what the months of a table that are about to be detached hold of each organization; give how many records.

    Nothing is recorded of who has nothing there, nor twice.
    """
    with database.transaction("worker", None, read_only=True) as connection:
        months = archives.due_months(connection, table, kept=KEPT[table])
        organizations = routine_runs.organizations(connection) if months else []
    return sum(_record(database, table, month, each) for month in months for each in organizations)


def _record(database: Database, table: str, month: str, organization_id: str) -> bool:
    kind, (since, before) = BY_MONTH[table], archives.month_of(month)
    with reading(database, organization_id) as connection:
        if archives.has(connection, organization_id, kind=kind, kept_in=month):
            return False
        count, sha256 = archives.summed(connection, table, organization_id, key=KEYS[table], since=since, before=before)
    if not count:
        return False
    last = before - timedelta(days=1)
    with database.transaction("worker", organization_id) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{organization_id}/archives",))
        if archives.has(connection, organization_id, kind=kind, kept_in=month):
            return False  # another process was faster
        archives.insert(connection, organization_id, Archive(kind, month, since, last, count, sha256))
    return True
