"""Server-only tables about what the organization wants of its devices, and what those have handed in sealed."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy import text as sql

from sync_server.contract.column_types import BigInteger, Boolean, Guid, Integer, Text, UTCDateTime
from sync_server.storage.tables_tenancy import metadata, reference

device_command = Table(
    "device_command",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("id", Guid, nullable=False),
    Column("device_id", Guid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("queued_at", UTCDateTime, nullable=False),
    Column("told_at", UTCDateTime),
    Column("done_at", UTCDateTime),
    Column("is_withdrawable", Boolean, nullable=False, server_default=sql("false")),
    PrimaryKeyConstraint("organization_id", "id", name="pk_device_command"),
    reference("device_command", "device_id", "device"),
    CheckConstraint("kind IN ('lock', 'verify', 'wipe', 'wipe_now')", name="ck_device_command_kind"),
    Index("ix_device_command_device_id", "organization_id", "device_id"),
)
"""What a device has to do, until it says that it has. `device.is_awaited` says that there is such a row.
`is_withdrawable`: follows from its person's dismissal alone, and no answer has carried it yet."""

sealed_outbox = Table(
    "sealed_outbox",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("id", Guid, nullable=False),
    Column("device_id", Guid, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("received_bytes", BigInteger, nullable=False, server_default=sql("0")),
    Column("changes", Integer, nullable=False),
    Column("begun_at", UTCDateTime, nullable=False),
    Column("complete_at", UTCDateTime),
    Column("taken_over_at", UTCDateTime),
    PrimaryKeyConstraint("organization_id", "id", name="pk_sealed_outbox"),
    UniqueConstraint("organization_id", "device_id", "sha256", name="uq_sealed_outbox_sha256"),
    reference("sealed_outbox", "device_id", "device"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_sealed_outbox_sha256"),
    CheckConstraint("received_bytes BETWEEN 0 AND size_bytes", name="ck_sealed_outbox_received_bytes"),
)
"""What a device has handed in, encrypted to the organization's recovery key; the server cannot read it."""

sealed_part = Table(
    "sealed_part",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("sealed_outbox_id", Guid, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("organization_id", "sealed_outbox_id", "at", name="pk_sealed_part"),
    reference("sealed_part", "sealed_outbox_id", "sealed_outbox"),
)
"""Its bytes, in the database: backups carry them, and nothing of one that is refused is left."""
