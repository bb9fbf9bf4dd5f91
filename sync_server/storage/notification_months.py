"""Months of notifications: made ahead, and detached when they are old, by functions of the database (D-164)."""

from sync_server.storage.engine import Database

MONTHS_AHEAD = 3
"""So long may no routine run before nobody can be told anything."""
MONTHS_KEPT = 24
"""Older months are detached. Whoever was told has it no more since long: see routines/notices.py."""


def make_months(database: Database) -> int:
    """Make the months that are missing, this one and those ahead; give how many."""
    return _ask(database, "select make_notification_months(%s)", MONTHS_AHEAD)


def detach_months(database: Database) -> int:
    """Detach the months that are too old; give how many. They stay in the database and in backups."""
    return _ask(database, "select detach_notification_months(%s)", MONTHS_KEPT)


def _ask(database: Database, query: str, months: int) -> int:
    with database.transaction("worker", None) as connection:
        (count,) = connection.execute(query.encode(), (months,)).fetchone() or (0,)
    return int(count)
