"""Suspending an organization: nobody signs in anew, until it is resumed. What people have recorded keeps arriving.

Who is signed in goes on sending and fetching: work that lies on a device is never kept from coming home.
"""

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.errors import Refused
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database

LONGEST_REASON = 500
SUSPENDED = "This organization is suspended, so nobody signs in to it now. Nothing on this device is lost."


def checked_reason(text: str) -> str:
    """Take a sentence that says why. Raises Refused when it is none."""
    reason = " ".join(text.split())
    if not (1 <= len(reason) <= LONGEST_REASON and " " in reason and reason.isprintable()):
        raise Refused("invalid_value", f"The reason is a sentence of at most {LONGEST_REASON} characters.")
    return reason


def suspend(database: Database, organization_id: str, *, reason: str) -> None:
    """Let nobody sign in anew; again changes the reason only. Raises Refused without a reason, or in a removal."""
    because = checked_reason(reason)
    with database.transaction("migrator", organization_id) as connection:
        done = connection.execute(
            "update organization set suspended_at = coalesce(suspended_at, clock_timestamp()), suspended_because = %s,"
            " updated_at = clock_timestamp() where id = %s and removal_began_at is null",
            (because, organization_id),
        )
        _require_there(done.rowcount)
        told = Entry("organization.suspended", row_id=organization_id, new={"reason": because})
        activity_log.append(connection, [told])


def resume(database: Database, organization_id: str) -> None:
    """Let people sign in again; harmless when they may. Raises Refused when the organization is being removed."""
    with database.transaction("migrator", organization_id) as connection:
        done = connection.execute(
            "update organization set suspended_at = null, suspended_because = null, updated_at = clock_timestamp()"
            " where id = %s and removal_began_at is null",
            (organization_id,),
        )
        _require_there(done.rowcount)
        activity_log.append(connection, [Entry("organization.resumed", row_id=organization_id)])


def require_working(connection: Connection[TupleRow], organization_id: str) -> None:
    """Refuse a sign-in to an organization that is suspended or being removed. Raises Refused."""
    found = connection.execute(
        "select suspended_at is null and removal_began_at is null from organization where id = %s", (organization_id,)
    ).fetchone()
    if found is None or not found[0]:
        raise Refused("not_allowed", SUSPENDED)


def is_being_removed(connection: Connection[TupleRow], organization_id: str) -> bool:
    """Whether what an organization is given now would be removed with it; also when there is none of that id."""
    found = connection.execute("select removal_began_at is null from organization where id = %s", (organization_id,))
    row = found.fetchone()
    return row is None or not row[0]


def _require_there(count: int) -> None:
    if not count:
        raise Refused("not_found", "The organization is being removed.")
