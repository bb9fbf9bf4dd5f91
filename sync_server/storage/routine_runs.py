"""Who runs a routine of an organization for a day: whoever writes it down first, of all processes of the server.

A claim is a row, not a lock: it holds over many transactions, through any pooler, and is given up by itself when its
process died. Routines may run twice at once without harm; this keeps them from doing so for nothing.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from psycopg import Connection
from psycopg.rows import TupleRow

ABANDONED = timedelta(hours=2)
"""A claim that is as old, and was not renewed, was left by a process that died."""


def organizations(connection: Connection[TupleRow]) -> list[str]:
    """Give the ids of all organizations."""
    return [row[0] for row in connection.execute("select id::text from organization_ids() as o(id) order by id")]


def time_zone(connection: Connection[TupleRow], organization_id: str) -> tzinfo:
    """Give the time in which an organization sleeps; UTC when this machine does not know what it wants."""
    found = connection.execute("select time_zone from organization where id = %s", (organization_id,)).fetchone()
    try:
        return ZoneInfo(found[0]) if found else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def claim(connection: Connection[TupleRow], organization_id: str, routine: str, *, day: date, now: datetime) -> bool:
    """Take a routine for a day; False: it was run for that day or a later one, or somebody is at it."""
    done = connection.execute(
        "insert into routine_run as r (organization_id, routine, day, claimed_at) values (%s, %s, %s, %s)"
        " on conflict (organization_id, routine) do update set day = excluded.day, claimed_at = excluded.claimed_at,"
        " ended_at = null, result = null"
        " where (r.ended_at is not null and r.day < excluded.day) or (r.ended_at is null and r.claimed_at <= %s)",
        (organization_id, routine, day, now, now - ABANDONED),
    )
    return done.rowcount == 1


def renew(connection: Connection[TupleRow], organization_id: str, routine: str, *, day: date, now: datetime) -> None:
    """Say that whoever has claimed a routine for a day is still at it."""
    connection.execute(
        "update routine_run set claimed_at = greatest(claimed_at, %s)"
        " where organization_id = %s and routine = %s and day = %s and ended_at is null",
        (now, organization_id, routine, day),
    )


def finish(
    connection: Connection[TupleRow], organization_id: str, routine: str, *, day: date, now: datetime, result: str
) -> None:
    """Write down that a claimed routine has ended for a day, and what came of it (a JSON document)."""
    connection.execute(
        "update routine_run set ended_at = %s, result = %s where organization_id = %s and routine = %s and day = %s",
        (now, result, organization_id, routine, day),
    )
