"""Finds the one row that somebody means by its code or name, for commands. Reads only; never guesses among several."""

from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.errors import Refused
from sync_server.storage.wire_rows import composed

SITE: Final = (
    "select id::text from site where organization_id = %s and deleted_at is null and not code_conflict and code = %s"
)
PART: Final = SITE.replace("from site", "from part")
VENDOR: Final = SITE.replace("from site", "from vendor")
TEAM: Final = "select id::text from team where organization_id = %s and deleted_at is null and name = %s"
PLACE: Final = (
    "select id::text from stock_location where organization_id = %s and deleted_at is null and code = %s"
    " and site_id = %s"
)


def only(
    connection: Connection[TupleRow], query: str, organization_id: str, *named: str, called: str
) -> tuple[str, ...]:
    """Give the one row that a query finds; `called`: what it is, for who meant it.

    Raises:
        Refused: There is none, or more than one (`not_found`).
    """
    asked = (organization_id, *(each.replace("\0", "") for each in named))
    found = connection.execute(composed(query), asked).fetchall()
    if len(found) != 1:
        raise Refused("not_found", f"There is {'no' if not found else 'more than one'} {called}.")
    return tuple(found[0])
