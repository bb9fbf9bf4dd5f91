"""The history of meters, by month: written with the meter's last reading, in the same commit, and never changed.

Months are made ahead by a function of the database that the routines call; there is no default one, so that a month
that nobody made is found when it is missing and not years later.
"""

from collections.abc import Sequence

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.fields import Row
from sync_server.storage.engine import Database

MONTHS_AHEAD = 3
"""So long may no routine run before readings are refused."""

NAMES = (
    *("id", "received_on", "meter_id", "value", "state", "read_at", "offset_ms", "received_at", "read_by", "note"),
    "is_late",
)
_INSERT = (
    f"insert into meter_reading (organization_id, {', '.join(NAMES)})"
    f" select %s::uuid, {', '.join('r.' + name for name in NAMES)}"
    " from json_populate_recordset(null::meter_reading, %s::json) r"
)


def insert(connection: Connection[TupleRow], organization_id: str, readings: Sequence[Row]) -> None:
    """Add readings to the history; each has all of NAMES, in wire form."""
    connection.execute(_INSERT.encode(), (organization_id, msgspec.json.encode(readings).decode()))


def make_months(database: Database) -> int:
    """Make the months that are missing, this one and those ahead; give how many."""
    with database.transaction("worker", None) as connection:
        (made,) = connection.execute("select make_reading_months(%s)", (MONTHS_AHEAD,)).fetchone() or (0,)
    return int(made)
