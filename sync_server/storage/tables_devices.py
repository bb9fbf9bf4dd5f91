"""Server-only tables about what the organization wants of its devices, and what those have handed in sealed."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy import text as sql

from sync_server.contract.column_types import BigInteger, Boolean, Guid, Integer, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference

device_command = Table(
    "device_command",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("device_id", Guid, nullable=False, comment="Which device."),
    Column("kind", Text, nullable=False, comment="What it has to do."),
    Column("queued_at", UTCDateTime, nullable=False, comment="Since when."),
    Column("told_at", UTCDateTime, comment="When an answer carried it first. NULL: none has."),
    Column("done_at", UTCDateTime, comment="When the device said that it has done it. NULL: it has not."),
    Column(
        "is_withdrawable",
        Boolean,
        nullable=False,
        server_default=sql("false"),
        comment="It follows from its person's dismissal alone, and no answer has carried it yet.",
    ),
    PrimaryKeyConstraint("organization_id", "id", name="pk_device_command"),
    reference("device_command", "device_id", "device"),
    CheckConstraint("kind IN ('lock', 'verify', 'wipe', 'wipe_now')", name="ck_device_command_kind"),
    Index("ix_device_command_device_id", "organization_id", "device_id", info={"why": "what a device has to do"}),
    comment="What a device has to do, until it says that it has.",
)

sealed_outbox = Table(
    "sealed_outbox",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("device_id", Guid, nullable=False, comment="Who handed it in."),
    Column("sha256", Text, nullable=False, comment="Digest of all its bytes as announced, hex."),
    Column("size_bytes", BigInteger, nullable=False, comment="How many bytes were announced."),
    Column("received_bytes", BigInteger, nullable=False, server_default=sql("0"), comment="How many of them are here."),
    Column("changes", Integer, nullable=False, comment="How many changes are in it, as the device says."),
    Column("begun_at", UTCDateTime, nullable=False, comment="When the first part came."),
    Column("complete_at", UTCDateTime, comment="When the last part came and the digest was right. NULL: not yet."),
    Column("taken_over_at", UTCDateTime, comment="When somebody with the key took its changes over. NULL: not yet."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_sealed_outbox"),
    UniqueConstraint(
        *("organization_id", "device_id", "sha256"),
        name="uq_sealed_outbox_sha256",
        info={"why": "the same again goes on"},
    ),
    reference("sealed_outbox", "device_id", "device"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_sealed_outbox_sha256"),
    CheckConstraint("received_bytes BETWEEN 0 AND size_bytes", name="ck_sealed_outbox_received_bytes"),
    comment="What a device has handed in, encrypted to the organization's recovery key; the server cannot read it.",
)

sealed_part = Table(
    "sealed_part",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("sealed_outbox_id", Guid, nullable=False, comment="What it is a part of."),
    Column("at", BigInteger, nullable=False, comment="Its first byte's place, from 0."),
    Column("content", LargeBinary, nullable=False, comment="The bytes, at most 1 MiB."),
    PrimaryKeyConstraint("organization_id", "sealed_outbox_id", "at", name="pk_sealed_part"),
    reference("sealed_part", "sealed_outbox_id", "sealed_outbox"),
    comment="Bytes of a sealed outbox, part by part: backups carry them.",
)
