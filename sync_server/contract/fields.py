"""How a synced column is declared: once, with its merge rule, for two databases, the wire and the merge.

The mixins in entities/ are the base of both ORMs. What is said here about a column is read back by codec, policy,
migrations and tests; nothing about a column is written down a second time.
"""

import enum
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped, MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from sync_server.contract.column_types import BigInteger, Guid, Integer, UTCDateTime, kind_of

Scalar = str | int | float | bool | None
Row = dict[str, Scalar]
"""A row in wire form: what travels, what the replica stores, what the policies read. See codec.py."""


class Merge(enum.Enum):
    """What happens when two people change one field (product.md §6)."""

    FIELD = "field"
    """Three-way: same as my old value → apply; same as my new value → nothing; otherwise a conflict."""
    TEXT = "text"
    """Three-way by field, after a three-way merge of the text itself."""
    STATUS = "status"
    """By the state machine: legal from the current state → apply, already there → nothing, otherwise a conflict."""
    OFFICE_WINS = "office"
    """Planning data: the office edits it three-way, a technician's edit becomes a request."""
    FIXED = "fixed"
    """Given at creation, never changed by a mutation."""
    DERIVED = "derived"
    """Written by a policy or the server only, never named by a mutation."""


def synced(
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    *,
    merge: Merge = Merge.FIELD,
    since: int = 1,
    references: str | None = None,
    default: Scalar = None,
    words: tuple[str, ...] = (),
    at_least: float | None = None,
    at_most: float | None = None,
    characters: int = 20_000,
) -> MappedColumn[Any]:
    """Declare a synced column.

    `since` is the ROWS version that introduced it. `references` names the entity that a Guid points at: a composite
    foreign key in PostgreSQL, a plain column on the replica. `default` is the wire value of a row that does not name
    the column. `words`, `at_least` and `at_most` (inclusive) become CHECK constraints in PostgreSQL; the replica has
    none, because a newer server may know more words. `characters` bounds text that a mutation brings.
    """
    info = {
        "merge": merge,
        "since": since,
        "references": references,
        "default": default,
        "words": words,
        "bounds": (at_least, at_most),
        "characters": characters,
    }
    return mapped_column(type_, info=info)


class SyncedEntity:
    """The columns that every synced row has. On the server `organization_id` comes first."""

    entity: ClassVar[str]
    """Name of the table and of the entity on the wire."""
    aggregates: ClassVar[tuple[str, ...]]
    """Root entities whose aggregate may hold such a row; its own name when it is a root."""
    append_only: ClassVar[bool] = False
    """Rows are created and never changed; a correction is a new row."""
    since: ClassVar[int] = 1
    """The ROWS version that introduced it."""
    month_column: ClassVar[str | None] = None
    """Date, fixed, by whose month the server keeps the rows in parts that can be detached. None: in one table."""
    arc: ClassVar[tuple[str, ...]] = ()
    """Columns of which exactly one is named, because a row is about one thing; each refers to a root. Empty: none."""
    natural_key: ClassVar[str | None] = None
    """Column that people take for unique. It never refuses a row: see `code_conflict`."""

    id: Mapped[str] = synced(Guid, merge=Merge.FIXED)
    """Given by whoever makes the row, offline too; the same everywhere, for ever."""
    aggregate_id: Mapped[str] = synced(Guid, merge=Merge.FIXED)
    """Id of the root of the aggregate. Never changes: a move is a delete and a create."""
    version: Mapped[int] = synced(Integer, merge=Merge.DERIVED, default=0)
    """Number of commits that wrote this row; 0 on a device that has not sent it yet."""
    sync_seq: Mapped[int] = synced(BigInteger, merge=Merge.DERIVED, default=0)
    """Clock of the last commit that wrote this row."""
    row_hash: Mapped[int] = synced(BigInteger, merge=Merge.DERIVED, default=0)
    """First 8 bytes of BLAKE2b(entity, id, nonce of that commit), signed: differs between forks."""
    created_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.DERIVED)
    """When the server saved the row first, by its own clock; a device that has not sent it yet: by the device's."""
    created_by: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """Person who made it. None: an import or the server."""
    updated_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.DERIVED)
    """When the row was written last, by the same clock as `created_at`."""
    updated_by: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED)
    """Person who changed it last. None: an import or the server."""
    deleted_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED)
    """Since when the row is deleted; it stays, and can be restored. None: it is there."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """What is known about one synced column."""

    name: str
    kind: str
    merge: Merge
    since: int
    references: str | None
    nullable: bool
    default: Scalar
    words: tuple[str, ...]
    bounds: tuple[float | None, float | None]
    characters: int


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """What is known about one entity."""

    name: str
    fields: type[SyncedEntity]
    aggregates: tuple[str, ...]
    append_only: bool
    since: int
    natural_key: str | None
    arc: tuple[str, ...]
    month_column: str | None
    columns: tuple[ColumnSpec, ...]
    names: tuple[str, ...]
    by_name: dict[str, ColumnSpec]

    @property
    def is_root(self) -> bool:
        """Whether rows of this entity are roots of their own aggregate."""
        return self.name in self.aggregates

    def added(self, *, since: int, upto: int) -> tuple[ColumnSpec, ...]:
        """Columns that came after one ROWS version, up to another; all of them when the entity itself did."""
        if since < self.since <= upto:
            return self.columns
        return tuple(column for column in self.columns if since < column.since <= upto and self.since <= since)


COMMON = tuple(name for name in SyncedEntity.__annotations__ if name not in {"entity", "aggregates"})
"""Names of the common columns, in wire order (class variables filtered out below)."""
COMMON = tuple(name for name in COMMON if isinstance(vars(SyncedEntity).get(name), MappedColumn))


def describe(fields: type[SyncedEntity]) -> EntitySpec:
    """Read the declaration of one entity: common columns first, then its own in the order of the file."""
    hints = typing.get_type_hints(fields)
    own = [name for name, value in vars(fields).items() if isinstance(value, MappedColumn)]
    columns = tuple(_describe_column(fields, name, hints[name]) for name in (*COMMON, *own))
    return EntitySpec(
        name=fields.entity,
        fields=fields,
        aggregates=fields.aggregates,
        append_only=fields.append_only,
        since=fields.since,
        natural_key=fields.natural_key,
        arc=fields.arc,
        month_column=fields.month_column,
        columns=columns,
        names=tuple(column.name for column in columns),
        by_name={column.name: column for column in columns},
    )


def _describe_column(fields: type[SyncedEntity], name: str, hint: Any) -> ColumnSpec:
    column = getattr(fields, name).column
    (inner,) = typing.get_args(hint)
    info = column.info
    return ColumnSpec(
        name=name,
        kind=kind_of(column.type),
        merge=info["merge"],
        since=info["since"],
        references=info["references"],
        nullable=type(None) in typing.get_args(inner),
        default=info["default"],
        words=info["words"],
        bounds=info["bounds"],
        characters=info["characters"],
    )
