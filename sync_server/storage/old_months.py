"""Months of histories that are too old to be asked for: which ones they are on a day, and detaching exactly those.

The day is said by whoever prepares a month for leaving, and said again when it leaves: what becomes too old between the
two, because a month begins, has not been prepared and stays (D-270 in ../README.md).
"""

from datetime import date
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

MONTHS_KEPT: Final = 24
"""Besides the present one. Older ones stay in the database and in backups, and no query looks into them."""
DETACHING: Final = {
    "meter_reading": "detach_reading_months",
    "activity_log": "detach_activity_months",
    "notification": "detach_notification_months",
}
"""Table → the function of the database that detaches its months; each counts back from the present month."""
_DUE = """
select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = %(table)s::regclass and c.relname < %(oldest)s order by 1"""
_DETACH = """
select {function}(%(kept)s + (12 * extract(year from day) + extract(month from day))::integer - %(month)s)
from (select now() at time zone 'UTC' as day) present"""


def today(connection: Connection[TupleRow]) -> date:
    """Give the database's own day, in UTC."""
    (day,) = connection.execute("select (now() at time zone 'UTC')::date::text").fetchone() or ("",)
    return date.fromisoformat(day)


def oldest_kept(on: date) -> date:
    """Give the first day of the oldest month that is kept on a day."""
    months = 12 * on.year + on.month - 1 - MONTHS_KEPT
    return date(months // 12, months % 12 + 1, 1)


def due(connection: Connection[TupleRow], table: str, *, on: date) -> list[str]:
    """Give the months of a table, by name, that are too old on a day, the oldest first."""
    oldest = f"{table}_{oldest_kept(on):%Y_%m}"
    return [name for (name,) in connection.execute(_DUE.encode(), {"table": table, "oldest": oldest}).fetchall()]


def detach(connection: Connection[TupleRow], table: str, *, on: date) -> int:
    """Detach the months of a table that were too old on a day, not after today; give how many."""
    asked = {"kept": MONTHS_KEPT, "month": 12 * on.year + on.month}
    query = _DETACH.format(function=DETACHING[table])
    (detached,) = connection.execute(query.encode(), asked).fetchone() or (0,)
    return int(detached)
