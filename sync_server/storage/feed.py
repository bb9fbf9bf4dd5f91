"""Reading for a device: what changed in its scopes, and the rows of aggregates, as lines built by PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from sync_server.contract.codec import FILL, ROWS, rows_line
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import ColumnSpec
from sync_server.storage.wire_rows import composed, wire_array, wire_expression

PAGE_ROWS = 500
"""Rows in one line: about 300 KB of work orders, well below the 1 MB that a client decodes at once."""


TOGETHER = 500
"""Aggregates whose rows are asked for together: one wait for most pulls, and little memory for the largest."""


@dataclass(frozen=True, slots=True)
class Head:
    """The clock as a reader sees it, with the nonce of its last commit."""

    seq: int
    nonce: int
    epoch: str
    durable_seq: int = 0
    """Last commit that a proven backup holds."""


@dataclass(frozen=True, slots=True)
class Change:
    """An aggregate of a scope that changed, joined or left after some commit."""

    scope_id: str
    aggregate_id: str
    aggregate_type: str
    live: bool
    join_seq: int


def head(connection: Connection[TupleRow], organization_id: str) -> Head:
    """Read the clock; everything that it numbers is visible to this snapshot."""
    found = connection.execute(
        "select c.seq, coalesce(o.nonce, 0), c.epoch::text, c.durable_seq from org_clock c left join org_commit o"
        " on o.organization_id = c.organization_id and o.seq = c.seq where c.organization_id = %s",
        (organization_id,),
    ).fetchone()
    if found is None:
        raise LookupError("this organization has no clock")
    return Head(*found)


def nonces(connection: Connection[TupleRow], organization_id: str, seqs: Sequence[int]) -> dict[int, int]:
    """Give the nonces of some commits; a commit that never was is missing."""
    found = connection.execute(
        "select seq, nonce from org_commit where organization_id = %s and seq = any(%s)", (organization_id, list(seqs))
    )
    return {row[0]: row[1] for row in found}


def changes(
    connection: Connection[TupleRow], organization_id: str, entries: Mapping[str, int], *, upto: int
) -> list[Change]:
    """Give what changed in scopes after their entries up to the clock, in order of scope and aggregate: O(changes).

    `offset 0` and the clock, which bounds nothing that this snapshot sees, keep PostgreSQL on the index: it would
    expect a third of the table after an entry, and read all of it.
    """
    found = connection.execute(
        "select s.scope_id, s.aggregate_id::text, s.aggregate_type, s.live, s.join_seq"
        " from unnest(%s::text[], %s::bigint[]) as c(scope_id, entry),"
        " lateral (select * from scope_aggregate a where a.organization_id = %s and a.scope_id = c.scope_id"
        " and a.seq > c.entry and a.seq <= %s offset 0) s order by s.scope_id, s.aggregate_id",
        (list(entries), list(entries.values()), organization_id, upto),
    )
    return [Change(*row) for row in found]


def slice_of(
    connection: Connection[TupleRow], organization_id: str, *, scope_id: str, after: str, limit: int
) -> list[tuple[str, str]]:
    """Give the next live aggregates of a scope (id, type) in id order, after an id."""
    found = connection.execute(
        "select s.aggregate_id::text, s.aggregate_type from scope_aggregate s where s.organization_id = %s"
        " and s.scope_id = %s and s.live and s.aggregate_id > %s order by s.aggregate_id limit %s",
        (organization_id, scope_id, after, limit),
    )
    return [(row[0], row[1]) for row in found]


@dataclass(frozen=True, slots=True)
class ScopeHead:
    """What is known of a whole scope: digest and number of its aggregates, and since when all that left are known."""

    digest: int = 0
    count: int = 0
    gc_seq: int = 0
    """Aggregates that left up to this commit may have been forgotten: who read less far reads the scope afresh."""


def heads(connection: Connection[TupleRow], organization_id: str, scopes: Sequence[str]) -> dict[str, ScopeHead]:
    """Give the heads of scopes; one that never held anything has an empty one."""
    found = connection.execute(
        "select scope_id, digest, count, gc_seq from scope_head where organization_id = %s and scope_id = any(%s)",
        (organization_id, list(scopes)),
    )
    return dict.fromkeys(scopes, ScopeHead()) | {row[0]: ScopeHead(*row[1:]) for row in found}


def oldest_commit(connection: Connection[TupleRow], organization_id: str) -> int:
    """Give the number of the oldest commit that is still remembered; 0: there is none."""
    found = connection.execute(
        "select seq from org_commit where organization_id = %s order by seq limit 1", (organization_id,)
    ).fetchone()
    return int(found[0]) if found else 0


def aggregates_of(connection: Connection[TupleRow], organization_id: str, scope_id: str) -> dict[str, tuple[str, int]]:
    """Give type and digest of every live aggregate of a scope."""
    found = connection.execute(
        "select aggregate_id::text, aggregate_type, digest from scope_aggregate"
        " where organization_id = %s and scope_id = %s and live",
        (organization_id, scope_id),
    )
    return {aggregate_id: (type_, digest) for aggregate_id, type_, digest in found}


def changed_lines(
    connection: Connection[TupleRow], organization_id: str, *, aggregate_type: str, since: Mapping[str, int]
) -> Iterator[bytes]:
    """Give the rows of aggregates as lines.

    `since` maps aggregate ids to a commit: 0 gives every live row, otherwise rows and tombstones written after it.
    """
    pairs = list(since.items())
    for first in range(0, len(pairs), TOGETHER):
        ids, seqs = (f"{{{','.join(map(str, each))}}}" for each in zip(*pairs[first : first + TOGETHER], strict=True))
        with connection.cursor(binary=True) as cursor:  # arrays as text: cheaper than lists
            cursor.execute(_changed(aggregate_type), {"ids": ids, "seqs": seqs, "organization": organization_id})
            for place, arrays in cursor:
                yield rows_line(AGGREGATES[aggregate_type][place], arrays)


def slice_lines(
    connection: Connection[TupleRow], organization_id: str, *, scope_id: str, aggregate_type: str, ids: tuple[str, str]
) -> Iterator[bytes]:
    """Give the live rows of a slice's aggregates of one type as lines; `ids` lie around them: after, and up to."""
    for entity in AGGREGATES[aggregate_type]:
        parameters = (organization_id, scope_id, aggregate_type, *ids, organization_id, *ids)
        yield from _lines(connection, entity, _in_slice(entity), parameters)


@dataclass(frozen=True, slots=True)
class Added:
    """Columns of an entity that a device has not got; all of them when it is the entity that is new."""

    type_: str
    entity: str
    columns: tuple[ColumnSpec, ...]

    @property
    def is_whole(self) -> bool:
        """Whether rows travel whole, because the device has none of the entity."""
        return self.columns == REGISTRY[self.entity].columns

    @property
    def names(self) -> tuple[str, ...]:
        """What a line holds: the columns, behind the row's id and hash unless it is whole."""
        names = tuple(column.name for column in self.columns)
        return names if self.is_whole else ("id", "row_hash", *names)


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a scope: aggregates of one type between two ids (after, up to), as a commit left them."""

    scope_id: str
    aggregate_type: str
    ids: tuple[str, str]
    upto: int


def added_lines(connection: Connection[TupleRow], organization_id: str, added: Added, part: Slice) -> Iterator[bytes]:
    """Give columns of the live rows of a slice as lines, of those alone that say something else than the default."""
    parameters = (organization_id, part.scope_id, part.aggregate_type, *part.ids, organization_id, *part.ids, part.upto)
    kind = ROWS if added.is_whole else FILL
    yield from _lines(connection, added.entity, _added_in_slice(added), parameters, kind=kind)


def _lines(
    connection: Connection[TupleRow], entity: str, query: sql.SQL, parameters: tuple[object, ...], *, kind: str = ROWS
) -> Iterator[bytes]:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(query, parameters)
        for (arrays,) in cursor:
            yield rows_line(entity, arrays, kind=kind)


@cache
def _changed(aggregate_type: str) -> sql.SQL:
    """All entities of a type in one statement, each page with the place of its entity.

    `offset 0`: look for each aggregate, and never read all of them to join; see `changes`.
    """
    parts = " union all ".join(
        f"select {place} as place, {wire_array(entity)}::text as cells,"
        f" (row_number() over () - 1) / {PAGE_ROWS} as page from a,"
        f" lateral (select * from {entity} e where e.organization_id = %(organization)s"
        " and e.aggregate_id = a.id and e.sync_seq > a.since offset 0) t where t.deleted_at is null or a.since > 0"
        for place, entity in enumerate(AGGREGATES[aggregate_type])
    )
    return composed(
        "with a as materialized (select * from unnest(%(ids)s::uuid[], %(seqs)s::bigint[]) as a(id, since))"
        " select r.place, convert_to(string_agg(r.cells, ','), 'UTF8')"
        f" from ({parts}) r group by r.place, r.page order by r.place, r.page"
    )


@cache
def _in_slice(entity: str) -> sql.SQL:
    return _paged(wire_array(entity), _slice_source(entity))


@cache
def _added_in_slice(added: Added) -> sql.SQL:
    says = " or ".join(map(_is_said, added.columns))
    told = "" if added.is_whole else f" and ({says})"
    names = [wire_expression(column) for column in added.columns]
    cells = names if added.is_whole else ["t.id", "t.row_hash", *names]
    return _paged(f"json_build_array({', '.join(cells)})", f"{_slice_source(added.entity)} and t.sync_seq <= %s{told}")


def _is_said(column: ColumnSpec) -> str:
    """SQL: whether a column has another value than a row gets that does not name it."""
    if column.default is None:
        return f"t.{column.name} is not null"
    text = str(column.default).lower() if isinstance(column.default, bool) else str(column.default)
    return f"t.{column.name} is distinct from '{text.replace(chr(39), chr(39) * 2)}'"


def _slice_source(entity: str) -> str:
    """SQL: the live rows of the aggregates of one type in a part of a scope."""
    return (
        "(select s.aggregate_id as id from scope_aggregate s where s.organization_id = %s and s.scope_id = %s"
        " and s.live and s.aggregate_type = %s and s.aggregate_id > %s and s.aggregate_id <= %s) a"
        f" join {entity} t on t.organization_id = %s and t.aggregate_id = a.id"
        " and t.aggregate_id > %s and t.aggregate_id <= %s where t.deleted_at is null"
    )


def _paged(array: str, source: str) -> sql.SQL:
    """Rows of a source, some hundred to a line. `array`: SQL of the JSON array of a row."""
    return composed(
        "select convert_to(string_agg(r.cells, ','), 'UTF8') from ("
        f"select {array}::text as cells, (row_number() over () - 1) / {PAGE_ROWS} as page from {source}"
        ") r group by r.page"
    )
