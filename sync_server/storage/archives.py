"""Records of what was archived, and what a month that is about to be detached holds. Exports nothing."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.sql import SQL, Identifier, Literal

BY_MONTH: Final = {"meter_reading": "readings", "activity_log": "activity", "notification": "notifications"}
"""Table → kind of an archive of one of its months."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One record. `from_on`: None: from the beginning. `kept_in`: name of a table or a file."""

    kind: str
    kept_in: str
    from_on: date | None
    until_on: date
    row_count: int
    sha256: str
    made_at: datetime | None = None


def month_of(name: str) -> tuple[date, date]:
    """Give the first day of the month that a part of a table is named after, and that of the next one."""
    year, month = int(name[-7:-3]), int(name[-2:])
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def has(connection: Connection[TupleRow], organization_id: str, *, kind: str, kept_in: str) -> bool:
    """Whether something of that kind and name is among an organization's archives."""
    found = connection.execute(
        "select from archive where organization_id = %s and kind = %s and kept_in = %s limit 1",
        (organization_id, kind, kept_in),
    ).fetchone()
    return found is not None


def summed(
    connection: Connection[TupleRow], table: str, organization_id: str, *, key: Sequence[str], since: date, before: date
) -> tuple[int, str]:
    """Count an organization's rows of some days, and give the SHA-256 over them as lines; in memory is one of them."""
    connection.execute("set local timezone to 'UTC'")
    query = SQL(
        "COPY (SELECT row_to_json(t) FROM {} AS t WHERE organization_id = {} AND received_on >= {}"
        " AND received_on < {} ORDER BY {}) TO STDOUT"
    ).format(
        Identifier(table),
        Literal(organization_id),
        Literal(since),
        Literal(before),
        SQL(", ").join(map(Identifier, key)),
    )
    digest, count = hashlib.sha256(), 0
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        copy.set_types(["text"])
        for (line,) in copy.rows():
            digest.update(line.encode() + b"\n")
            count += 1
    return count, digest.hexdigest()


def insert(connection: Connection[TupleRow], organization_id: str, archive: Archive) -> None:
    """Write one down."""
    connection.execute(
        "insert into archive (organization_id, id, kind, kept_in, from_on, until_on, row_count, sha256, made_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())",
        (
            organization_id,
            str(uuid.uuid4()),
            archive.kind,
            archive.kept_in,
            archive.from_on,
            archive.until_on,
            archive.row_count,
            archive.sha256,
        ),
    )


def listed(connection: Connection[TupleRow], organization_id: str) -> list[Archive]:
    """Give the archives of an organization, the newest first."""
    with connection.cursor(row_factory=class_row(Archive)) as cursor:
        return cursor.execute(
            "select kind, kept_in, from_on, until_on, row_count, sha256, made_at from archive"
            " where organization_id = %s order by made_at desc, kind, kept_in desc",
            (organization_id,),
        ).fetchall()
