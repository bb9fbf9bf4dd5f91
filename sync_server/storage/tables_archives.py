"""What was taken out of an organization's daily use, or handed out of it: a record that shows what it was."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Date, Index, PrimaryKeyConstraint, Table

from sync_server.contract.column_types import BigInteger, Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, organization_reference

KINDS: Final = ("readings", "activity", "export", "notifications")
"""A month of the history of meters, of the activity log or of notifications, that was detached; what was handed out."""

archive = Table(
    "archive",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("kind", Text, nullable=False, comment="What it holds."),
    Column(
        "kept_in",
        Text,
        nullable=False,
        comment="Name of the detached table, or of the file that was written, without its folder.",
    ),
    Column("from_on", Date, comment="First day of what is in it. NULL: from the beginning."),
    Column("until_on", Date, nullable=False, comment="Last day of what is in it."),
    Column("row_count", BigInteger, nullable=False, comment="Rows of the organization that are in it."),
    Column(
        "sha256",
        Text,
        nullable=False,
        comment="Of a month: over its rows as JSON lines by primary key, as an export writes them. Of a file: its own.",
    ),
    Column("made_at", UTCDateTime, nullable=False, comment="When it was archived."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_archive"),
    organization_reference("archive"),
    CheckConstraint(f"kind IN ({', '.join(map(repr, KINDS))})", name="ck_archive_kind"),
    CheckConstraint("until_on >= from_on", name="ck_archive_until_on"),
    CheckConstraint("row_count >= 0", name="ck_archive_row_count"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_archive_sha256"),
    Index(
        "ix_archive_made_at",
        "organization_id",
        "made_at",
        info={"why": "the list of an organization's archives, and whether a month is among them"},
    ),
    comment="What was detached from an organization's history or handed out of it. Only ever added to.",
)
