"""Months that are old are detached from histories; each organization is left a record of what was in them.

The record is written first: a month that could not be looked through stays where it is, and is tried again.
"""

from datetime import date, timedelta

from sync_server.routines import activity_months
from sync_server.routines.steps import reading
from sync_server.storage import archives, old_months, routine_runs
from sync_server.storage.archives import BY_MONTH, Archive
from sync_server.storage.engine import Database

KEYS = {
    "meter_reading": ("organization_id", "id", "received_on"),
    "activity_log": ("organization_id", "seq", "received_on"),
    "notification": ("organization_id", "id", "received_on"),
}
"""Columns of their primary keys, in order."""


def detach_old_months(database: Database) -> int:
    """Record and detach the months that are too old to be asked for; give how many."""
    with database.transaction("worker", None, read_only=True) as connection:
        on = old_months.today(connection)
    for table in BY_MONTH:
        record_months(database, table, on=on)
    activity_months.tell_ends(database, on=on)
    return sum(_detach(database, table, on=on) for table in BY_MONTH)


def _detach(database: Database, table: str, *, on: date) -> int:
    with database.transaction("worker", None) as connection:
        return old_months.detach(connection, table, on=on)


def record_months(database: Database, table: str, *, on: date) -> int:
    """Record what the months of a table that are too old on a day hold of each organization; give how many records.

    Nothing is recorded of who has nothing there, nor twice.
    """
    with database.transaction("worker", None, read_only=True) as connection:
        months = old_months.due(connection, table, on=on)
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
