"""Lines of the activity log as they lie in the database, those of detached months among them. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow

PAGE: Final = 2_000
_COLUMNS: Final = (
    "seq, received_on::text as received_on,"
    " to_char(received_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as received_at,"
    " act, row_id::text as row_id, actor_id::text as actor_id, body, previous_hash, hash"
)
_VALUES: Final = (
    "(select coalesce(json_agg(json_build_array(v.path, v.salt, v.value) order by v.path), '[]')"
    " from activity_value v where v.organization_id = %(organization)s and v.activity_seq = l.seq)"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A personal value beside a line; forgotten when it has no salt."""

    path: str
    salt: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line, in wire form."""

    seq: int
    received_on: str
    received_at: str
    act: str
    row_id: str | None
    actor_id: str | None
    body: str
    previous_hash: str
    hash: str
    values: tuple[Kept, ...]


def detached_months(connection: Connection[TupleRow]) -> list[str]:
    """Give the months that are not part of the log any more and still lie in the database, by name."""
    found = connection.execute(
        "select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
        " and c.relname ~ '^activity_log_[0-9]{4}_[0-9]{2}$' and not c.relispartition order by 1"
    )
    return [name for (name,) in found]


def all_lines(
    connection: Connection[TupleRow],
    organization_id: str,
    months: Sequence[str],
    *,
    act: str | None = None,
    after: int = 0,
) -> Iterator[Line]:
    """Give every line, the oldest first; several of one number by their hashes.

    Args:
        connection: Sees one state of the database as long as this reads.
        organization_id: Whose.
        months: Detached ones to read too; the connection's role must be able to.
        act: Only of this; None: all.
        after: Only with higher numbers than this.
    """
    tables = [sql.Identifier("activity_log"), *map(sql.Identifier, months)]
    each = sql.SQL(
        "select " + _COLUMNS + " from {} where organization_id = %(organization)s and (seq, hash) > (%(seq)s, %(hash)s)"
        " and (%(act)s::text is null or act = %(act)s)"
    )
    every = sql.SQL(" union all ").join(each.format(table) for table in tables)
    query = sql.SQL("select l.*, " + _VALUES + " from ({} order by seq, hash limit %(page)s) l order by seq, hash")
    seq, digest = after, "g"  # behind every hash of that number, which are hexadecimal
    while True:
        asked = {"organization": organization_id, "seq": seq, "hash": digest, "page": PAGE, "act": act}
        page = [_line(row) for row in connection.execute(query.format(every), asked)]
        yield from page
        if len(page) < PAGE:
            return
        seq, digest = page[-1].seq, page[-1].hash


def newest_lines(
    connection: Connection[TupleRow],
    organization_id: str,
    *,
    act: str | None = None,
    concerning: str | None = None,
    since: str | None = None,
    count: int,
) -> list[Line]:
    """Give the last lines that are asked for, the oldest first.

    Args:
        connection: Of a role that may read the log.
        organization_id: Whose.
        act: How the act begins: `device`, or `device.revoked`.
        concerning: Id of what it was done to, or of who did it.
        since: Day from which on, `2026-03-01`.
        count: At most so many.
    """
    asked = {"organization": organization_id, "act": act, "id": concerning, "since": since, "count": count}
    found = connection.execute(
        f"select l.*, {_VALUES} from (select {_COLUMNS} from activity_log where organization_id = %(organization)s"
        " and (%(act)s::text is null or starts_with(act, %(act)s))"
        " and (%(id)s::uuid is null or row_id = %(id)s::uuid or actor_id = %(id)s::uuid)"
        " and (%(since)s::date is null or received_on >= %(since)s::date)"
        " order by seq desc limit %(count)s) l order by seq".encode(),
        asked,
    )
    return [_line(row) for row in found]


def head(connection: Connection[TupleRow], organization_id: str) -> tuple[int, str] | None:
    """Give number and hash of what the log says is its last line; None: it says nothing."""
    found = connection.execute(
        "select seq, hash from activity_head where organization_id = %s", (organization_id,)
    ).fetchone()
    return None if found is None else (int(found[0]), str(found[1]))


def _line(row: TupleRow) -> Line:
    *cells, values = row
    return Line(*(*cells, tuple(Kept(*each) for each in values)))
