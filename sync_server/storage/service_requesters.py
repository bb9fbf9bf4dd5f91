"""Who asked for service without an account. Written blindly, read under the role of credentials; never listed."""

from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow


class Requester(msgspec.Struct, frozen=True):
    """Somebody without an account. `contact`: how to reach him, in words; None: not told."""

    name: str
    contact: str | None = None


def note(
    connection: Connection[TupleRow], organization_id: str, request_id: str, requester: Requester, *, at: str
) -> None:
    """Write down who asked, in the transaction of the request."""
    connection.execute(
        "insert into service_requester (organization_id, service_request_id, name, contact, noted_at)"
        " values (%s, %s, %s, %s, %s)",
        (organization_id, request_id, requester.name.strip(), (requester.contact or "").strip() or None, at),
    )


def of(connection: Connection[TupleRow], organization_id: str, request_id: str) -> Requester | None:
    """Give who asked; None: somebody with an account, or it was forgotten."""
    found = connection.execute(
        "select name, contact from service_requester"
        " where organization_id = %s and service_request_id = %s and forgotten_at is null",
        (organization_id, request_id),
    ).fetchone()
    return None if found is None else Requester(str(found[0]), found[1])


def forget(connection: Connection[TupleRow], organization_id: str, request_id: str, *, at: datetime) -> bool:
    """Take name and contact away for good. Gives whether they were known."""
    done = connection.execute(
        "update service_requester set name = null, contact = null, forgotten_at = %s"
        " where organization_id = %s and service_request_id = %s and forgotten_at is null",
        (at, organization_id, request_id),
    )
    return done.rowcount > 0
