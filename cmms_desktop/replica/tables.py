"""The tables of the replica: one per synced entity, and those that only this device has.

For queries and for comparing with the migrations, which alone make and change tables. Synced columns hold wire
scalars (contract/codec.py), are nullable apart from the bookkeeping ones, and have no CHECKs and no foreign keys:
a newer server may send words and references that this version does not know.
"""

from typing import Any, Final

import sqlalchemy as sa

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, EntitySpec

METADATA: Final = sa.MetaData()

ALWAYS_FILLED: Final = frozenset({"id", "aggregate_id", "version", "sync_seq", "row_hash"})
"""Synced columns that are never null on a replica."""

INDEXES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "site_access": (("person_id",),),
    "person_permission": (("person_id",),),
    "team_member": (("person_id",),),
    "calendar_event": (("ends_at",),),
    "location": (("site_id",),),
    "asset": (("parent_id",), ("location_id",)),
    "asset_stub": (("code",), ("qr_code",), ("serial",), ("asset_id",)),
    "asset_relation": (("other_asset_id",),),
    "tag": (("name",),),
    "entity_tag": (("tag_id",),),
    "custom_field_value": (("field_id",),),
    "part": (("code",), ("barcode",)),
    "stock_level": (("stock_location_id",), ("part_id",)),
    "work_order": (("status", "due_at"), ("asset_id",), ("number",)),
    "work_order_assignment": (("person_id",),),
    "work_order_asset": (("asset_id",),),
    "work_order_cost": (("work_order_id",),),
    "service_request": (("asset_id",),),
    "checklist_item": (("checklist_id",),),
    "work_log_event": (("work_log_id",),),
    "conflict": (("target_id",),),
}
"""Entity → columns of its indexes, beside the one by which the rows of an aggregate are found."""

AGGREGATE_KEY: Final[dict[str, str]] = {
    name: "id" if spec.aggregates == (name,) else "aggregate_id" for name, spec in REGISTRY.items()
}
"""Entity → indexed column that holds the id of the aggregate; the row of a lone root is found by its own id."""


def _column(spec: EntitySpec, column: ColumnSpec) -> sa.Column[Any]:
    type_ = getattr(spec.fields, column.name).column.type
    if column.name in {"version", "sync_seq", "row_hash"}:
        return sa.Column(column.name, type_, nullable=False, server_default=sa.text("0"))
    is_filled = column.name in ALWAYS_FILLED
    return sa.Column(column.name, type_, primary_key=column.name == "id", nullable=not is_filled)


def _synced_table(spec: EntitySpec) -> sa.Table:
    table = sa.Table(spec.name, METADATA, *(_column(spec, column) for column in spec.columns))
    keys = [(AGGREGATE_KEY[spec.name],)] if AGGREGATE_KEY[spec.name] != "id" else []
    for columns in (*keys, *INDEXES.get(spec.name, ())):
        sa.Index(f"{spec.name}_{'_'.join(columns)}", *(table.c[name] for name in columns))
    return table


SYNCED: Final[dict[str, sa.Table]] = {name: _synced_table(spec) for name, spec in REGISTRY.items()}
"""Entity → its table. Rows with `deleted_at` set are tombstones, which queries leave out."""

MEMBER: Final = sa.Table(
    "member",
    METADATA,
    sa.Column("scope_id", sa.Text, primary_key=True),
    sa.Column("aggregate_id", sa.Text, primary_key=True),
    sa.Column("aggregate_type", sa.Text, nullable=False),
    sa.Index("member_aggregate_id", "aggregate_id"),
    sqlite_with_rowid=False,
)
"""Why an aggregate is here. Its rows go with its last line in this table."""

SHADOW: Final = sa.Table(
    "shadow",
    METADATA,
    sa.Column("entity", sa.Text, primary_key=True),
    sa.Column("row_id", sa.Text, primary_key=True),
    sa.Column("aggregate_id", sa.Text, nullable=False),
    sa.Column("server_row", sa.Text),
    sqlite_with_rowid=False,
)
"""The server's row beneath a row that open mutations changed. `server_row` null: the server has none; with an `id`: the
whole row; otherwise only the columns in which the visible row differs. Rows of a hidden aggregate have a whole one and
no visible row."""


def _outbox_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("row_id", sa.Text, nullable=False),
        sa.Column("aggregate_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("device_seq", sa.Integer),
        sa.Column("digest", sa.Text),
        sa.Column("verdict", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("commit_seq", sa.Integer),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("sent_at", sa.Text),
        sa.Column("settled_at", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    ]


_IS_SEALED: Final = sa.text("device_seq IS NOT NULL")

OUTBOX: Final = sa.Table(
    "outbox",
    METADATA,
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("mutation_id", sa.Text, nullable=False),
    *_outbox_columns(),
    sa.Column("touches", sa.Text),
    sa.Column("lost_seq", sa.Integer),
    sa.Index("outbox_mutation_id", "mutation_id", unique=True, sqlite_where=_IS_SEALED),
    sa.Index("outbox_state", "state", "device_seq", sqlite_where=_IS_SEALED),
)
"""Mutations that still matter, in the order of `n`; see outbox.py for the states. `touches`: JSON list of entity, row
id, aggregate id, and whether it was written, of every row that an open mutation read or wrote when last decided.
`lost_seq`: its commit in a history that the server has lost.
Nothing is indexed before it is sealed: an edit dirties as few pages as it can."""

OUTBOX_DONE: Final = sa.Table(
    "outbox_done",
    METADATA,
    sa.Column("mutation_id", sa.Text, primary_key=True),
    *_outbox_columns(),
)
"""Mutations that are done or withdrawn, kept until they are durable, and 30 days."""

SYNC_STATE: Final = sa.Table(
    "sync_state", METADATA, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text)
)

CHECKPOINT: Final = sa.Table(
    "checkpoint",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("nonce", sa.Integer, nullable=False),
)

BLOB: Final = sa.Table(
    "blob",
    METADATA,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("sent_bytes", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("made_at", sa.Text, nullable=False),
)

SCREEN_NOTE: Final = sa.Table(
    "screen_note",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""Where a person was and what he had half entered; see screen_notes.py. Never sent."""

CONTENT_SUM: Final = sa.Table(
    "content_sum",
    METADATA,
    sa.Column("aggregate_id", sa.Text, primary_key=True),
    sa.Column("checksum", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Checksum of the server's rows of an aggregate; see content_sums.py. None yet: rows have just arrived."""

UNREAD_ROW: Final = sa.Table(
    "unread_row",
    METADATA,
    sa.Column("entity", sa.Text, primary_key=True),
    sa.Column("row_id", sa.Text, primary_key=True),
    sa.Column("aggregate_id", sa.Text, nullable=False),
    sa.Column("row_hash", sa.Integer, nullable=False),
    sa.Column("sync_seq", sa.Integer, nullable=False),
    sa.Index("unread_row_aggregate_id", "aggregate_id"),
    sqlite_with_rowid=False,
)
"""What is kept of rows of entities that this program does not know; see unread.py. `row_hash` 0: a tombstone."""

HIDDEN_AGGREGATE: Final = sa.Table(
    "hidden_aggregate",
    METADATA,
    sa.Column("aggregate_id", sa.Text, primary_key=True),
    sa.Column("aggregate_type", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("since", sa.Text, nullable=False),
)
"""Aggregates that left while mutations of this device had no verdict: not visible, not writable, still replayed."""
