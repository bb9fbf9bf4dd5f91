"""Tables of what the office keeps on the server alone, declared once: columns, bounds, who made a row and when.

What a column takes stands in its `info`, in the words of a synced column, so that one check, `codec.checked`, serves
both.
No device holds such rows: they have no version and belong to no aggregate, and no commit of the clock writes them.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlalchemy.sql.schema import SchemaItem

from sync_server.contract.column_types import Boolean, Guid, Integer, JsonText, Text, UTCDateTime, kind_of
from sync_server.contract.fields import ColumnSpec, Merge
from sync_server.contract.rules.record_states import states_of
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_sync import LIVE_KEY, OF_LIVE_KEY, OF_WAITING_KEY, WAITING_KEY
from sync_server.storage.tables_tenancy import metadata, reference

CHARACTERS = 200
LONG = 4_000
APPROVAL = (
    "CASE state WHEN 'approved' THEN approved_by IS NOT NULL WHEN 'withdrawn' THEN true ELSE approved_by IS NULL END"
)
"""What is approved says by whom; what is withdrawn may; nothing else does."""


def text_of(name: str, comment: str, *, nullable: bool = False, characters: int = CHARACTERS) -> Column[str]:
    """A text that a person writes."""
    return Column(name, Text, nullable=nullable, comment=comment, info={"characters": characters})


def json_of(name: str, comment: str, *, characters: int, default: str | None = None) -> Column[str]:
    """A JSON document; what may stand in it is the business of a rule."""
    said = None if default is None else text(f"'{default}'")
    return Column(name, JsonText, nullable=False, server_default=said, comment=comment, info={"characters": characters})


def named(name: str, comment: str, *, nullable: bool = False) -> Column[str]:
    """An id of another row; the table says of which by `reference`."""
    return Column(name, Guid, nullable=nullable, comment=comment)


def words_of(name: str, comment: str, words: tuple[str, ...]) -> Column[str]:
    """One of some words."""
    return Column(name, Text, nullable=False, comment=comment, info={"words": words})


def state_of(kind: str, table: str | None = None) -> tuple[SchemaItem, ...]:
    """The state of a record, in the words of its steps, and why it is in it."""
    words = states_of(kind)
    first = text(f"'{words[0]}'")
    listed = ", ".join(map(repr, words))
    return (
        Column("state", Text, nullable=False, server_default=first, comment="How far it is.", info={"words": words}),
        text_of("state_reason", "Why it is in that state. NULL: nothing said.", nullable=True, characters=LONG),
        CheckConstraint(f"state IN ({listed})", name=f"ck_{table or kind}_state"),
    )


def natural_key(table: str, name: str, comment: str) -> tuple[SchemaItem, ...]:
    """A code or number that people take for unique; a second one is kept and marked, never refused."""
    return (
        text_of(name, comment, characters=60),
        Column(
            "code_conflict",
            Boolean,
            nullable=False,
            server_default=text("false"),
            comment=f"Another live row has the same `{name}`, and had it before.",
        ),
        Index(
            f"uq_{table}_{name}",
            "organization_id",
            name,
            unique=True,
            postgresql_where=LIVE_KEY,
            info={"why": OF_LIVE_KEY},
        ),
        Index(
            f"ix_{table}_code_conflict",
            "organization_id",
            name,
            postgresql_where=WAITING_KEY,
            info={"why": OF_WAITING_KEY},
        ),
    )


def versions_of(table: str, parent: str, target: str, *own: SchemaItem) -> tuple[SchemaItem, ...]:
    """What a table of versions has, beside what is in each: number, state, who approved it, and that one is valid."""
    return (
        named(parent, "What it is a version of."),
        Column("number", Integer, nullable=False, comment="Number of the version, from 1.", info={"bounds": (1, None)}),
        *own,
        text_of("change_note", "What is new in it. NULL: nothing said.", nullable=True, characters=LONG),
        *state_of(table),
        named("approved_by", "Who approved it: never who wrote it. NULL: nobody has.", nullable=True),
        Column("approved_at", UTCDateTime, comment="When it was approved. NULL: it was not."),
        reference(table, parent, target),
        reference(table, "approved_by", "person"),
        CheckConstraint("number >= 1", name=f"ck_{table}_number"),
        CheckConstraint("approved_by <> created_by", name=f"ck_{table}_approved_by"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=f"ck_{table}_approved_at"),
        CheckConstraint(APPROVAL, name=f"ck_{table}_approval"),
        UniqueConstraint(
            "organization_id",
            parent,
            "number",
            name=f"uq_{table}_number",
            info={"why": "one for each number, and the versions of one thing"},
        ),
        Index(
            f"uq_{table}_{parent}",
            "organization_id",
            parent,
            unique=True,
            postgresql_where=text("state = 'approved'"),
            info={"why": "the one that is valid"},
        ),
    )


def record_table(
    name: str, *parts: SchemaItem, comment: str, is_added_to_only: bool = False, may_be_deleted: bool = True
) -> Table:
    """Declare a table of records.

    Args:
        name: What one row is.
        parts: Its own columns, constraints and indexes.
        comment: What a row means.
        is_added_to_only: Rows are never changed, so nothing says when they were.
        may_be_deleted: Otherwise a row ends by its state.
    """
    return Table(
        name,
        metadata,
        Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
        Column("id", Guid, nullable=False, comment="Made by the server; later ones are greater."),
        *(part for part in parts if isinstance(part, Column)),
        *_audited(is_added_to_only, may_be_deleted),
        PrimaryKeyConstraint("organization_id", "id", name=f"pk_{name}"),
        reference(name, "created_by", "person"),
        *([] if is_added_to_only else [reference(name, "updated_by", "person")]),
        *(part for part in parts if not isinstance(part, Column)),
        comment=comment,
    )


def _audited(is_added_to_only: bool, may_be_deleted: bool) -> Iterator[Column[Any]]:
    yield Column("created_at", UTCDateTime, nullable=False, comment="When it was made.")
    yield Column("created_by", Guid, nullable=False, comment="Who made it.")
    if not is_added_to_only:
        yield Column("updated_at", UTCDateTime, nullable=False, comment="When it was changed last.")
        yield Column("updated_by", Guid, nullable=False, comment="Who changed it last.")
    if may_be_deleted and not is_added_to_only:
        yield Column("deleted_at", UTCDateTime, comment="Since when it is deleted; it stays. NULL: it is there.")


@cache
def specs(table: Table) -> tuple[ColumnSpec, ...]:
    """Give what is known of the columns of a table, but for the organization, in the terms of synced ones."""
    return tuple(_spec(column) for column in table.columns if column.name != "organization_id")


def _spec(column: Column[Any]) -> ColumnSpec:
    return ColumnSpec(
        name=column.name,
        kind=kind_of(column.type),
        merge=Merge.FIXED,
        since=0,
        references=next((key.column.table.name for key in column.foreign_keys), None),
        nullable=bool(column.nullable),
        default=None,
        words=column.info.get("words", ()),
        bounds=column.info.get("bounds", (None, None)),
        characters=column.info.get("characters", CHARACTERS),
    )
