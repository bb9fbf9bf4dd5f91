"""Letting devices remove what their guard keeps back: an administrator says that a large deletion was meant.

Devices keep most of a scope from being deleted at once, whoever asks for it. What is said here holds for all devices of
an organization for some days, so that those that come home later hear of it too.
"""

from datetime import UTC, datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.column_types import instant_text
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database

UNTIL = "removals_pass_until"
"""Name in the settings of the organization; an instant."""


def let_pass(database: Database, organization_id: str, *, days: int, now: datetime | None = None) -> datetime:
    """Let removals pass from now on for some days, 0 ends it; give until when."""
    until = (now or datetime.now(UTC)) + timedelta(days=days)
    with database.transaction("migrator", organization_id) as connection:
        connection.execute(
            "update organization set updated_at = clock_timestamp(),"
            " settings = jsonb_set(settings::jsonb, array[%s], to_jsonb(%s::text))::text where id = %s",
            (UNTIL, instant_text(until), organization_id),
        )
        meant = Entry("removals.let_pass", row_id=organization_id, new={"until": instant_text(until)})
        activity_log.append(connection, [meant])
    return until


def do_pass(connection: Connection[TupleRow], organization_id: str, *, now: datetime) -> bool:
    """Whether large removals were said to be meant."""
    found = connection.execute(
        "select settings::jsonb ->> %s > %s from organization where id = %s",
        (UNTIL, instant_text(now), organization_id),
    ).fetchone()
    return bool(found and found[0])
