"""Months of notifications, made ahead by a function of the database (D-164). Old ones: old_months.py."""

from sync_server.storage.engine import Database

MONTHS_AHEAD = 3
"""So long may no routine run before nobody can be told anything."""


def make_months(database: Database) -> int:
    """Make the months that are missing, this one and those ahead; give how many."""
    with database.transaction("worker", None) as connection:
        (made,) = connection.execute("select make_notification_months(%s)", (MONTHS_AHEAD,)).fetchone() or (0,)
    return int(made)
