"""Server-only tables about how devices come in, what is wanted of them, and what those have handed in sealed."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy import text as sql

from sync_server.contract.column_types import BigInteger, Boolean, Guid, Integer, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("person_id", Guid, nullable=False, comment="Whose new device it lets in."),
    Column("code_hash", LargeBinary, nullable=False, comment="SHA-256 of it and its organization; nobody has it here."),
    Column(
        "sets_password",
        Boolean,
        nullable=False,
        comment="It stands in the place of the password, and the one that comes with it is his from then on.",
    ),
    Column("made_at", UTCDateTime, nullable=False, comment="When it was handed out."),
    Column("expires_at", UTCDateTime, nullable=False, comment="Until when it counts; at most 15 minutes."),
    Column("ended_at", UTCDateTime, comment="When it was used, or another one made. NULL: it counts until it expires."),
    Column("device_id", Guid, comment="Device that came with it. NULL: none has."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_enrolment_code"),
    reference("enrolment_code", "person_id", "person"),
    reference("enrolment_code", "device_id", "device"),
    CheckConstraint("octet_length(code_hash) = 32", name="ck_enrolment_code_code_hash"),
    CheckConstraint("expires_at <= made_at + interval '15 minutes'", name="ck_enrolment_code_expires_at"),
    CheckConstraint("device_id IS NULL OR ended_at IS NOT NULL", name="ck_enrolment_code_device_id"),
    Index(
        "uq_enrolment_code_person_id",
        *("organization_id", "person_id"),
        unique=True,
        postgresql_where=sql("ended_at IS NULL"),
        info={"why": "the one that a person may use"},
    ),
    comment="One-time codes by which new devices come in; read by the sign-in alone.",
)

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
