"""Server-only tables about who is who: organizations, credentials, sessions and devices.

Like everything below an organization they start with `organization_id`. The one table above all tenants is
`organization_directory`: read before a tenant is known, by definer functions only; nobody else holds a grant on it.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from sync_server.contract.column_types import BigInteger, Boolean, Guid, Integer, Text, UTCDateTime

metadata = MetaData()
"""All tables of the server. Names of constraints are literal: migrations and error translation rely on them."""


def organization_reference(table: str) -> ForeignKeyConstraint:
    """Let a table's rows belong to an organization that exists."""
    return ForeignKeyConstraint(["organization_id"], ["organization.id"], name=f"fk_{table}_organization_id")


def reference(table: str, column: str, target: str) -> ForeignKeyConstraint:
    """Refer to a row of the same organization; another organization's row is as good as missing.

    Deferrable, so that a commit may write rows in any order after `SET CONSTRAINTS ALL DEFERRED`.
    """
    return ForeignKeyConstraint(
        ["organization_id", column],
        [f"{target}.organization_id", f"{target}.id"],
        name=f"fk_{table}_{column}",
        deferrable=True,
        initially="IMMEDIATE",
    )


organization = Table(
    "organization",
    metadata,
    Column("id", Guid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("settings", Text, nullable=False, server_default=text("'{}'")),
    Column("recovery_public_key", Text),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_organization"),
)
"""One row a tenant; `settings` is a JSON document, the recovery key base64url. Its slug counts in the directory."""

organization_directory = Table(
    "organization_directory",
    metadata,
    Column("slug", Text, nullable=False),
    Column("domain", Text),
    Column("organization_id", Guid, nullable=False),
    PrimaryKeyConstraint("slug", name="pk_organization_directory"),
    UniqueConstraint("domain", name="uq_organization_directory_domain"),
    organization_reference("organization_directory"),
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="ck_organization_directory_slug"),
    CheckConstraint("domain = lower(domain)", name="ck_organization_directory_domain"),
)

user_credential = Table(
    "user_credential",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("person_id", Guid, nullable=False),
    Column("login", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("security_stamp", Guid, nullable=False),
    Column("failed_attempts", Integer, nullable=False, server_default=text("0")),
    Column("not_before", UTCDateTime),
    Column("totp", Text),
    PrimaryKeyConstraint("organization_id", "person_id", name="pk_user_credential"),
    reference("user_credential", "person_id", "person"),
    Index("uq_user_credential_login", "organization_id", text("lower(login)"), unique=True),
)
"""How a person proves who he is. A new `security_stamp` ends all his sessions; `not_before` is the growing delay."""

device = Table(
    "device",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("id", Guid, nullable=False),
    Column("person_id", Guid, nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("app_version", Text, nullable=False),
    Column("enrolled_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime),
    Column("last_seen_at", UTCDateTime),
    Column("chain_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("chain_head", Text, nullable=False, server_default=text("''")),
    Column("clock_offset_ms", BigInteger),
    Column("outbox_count", Integer),
    Column("outbox_oldest_at", UTCDateTime),
    Column("lease_nonce", Text),
    Column("lease_nonce_previous", Text),
    Column("is_awaited", Boolean, nullable=False, server_default=text("false")),
    Column("wiped_at", UTCDateTime),
    Column("lost_changes", Integer),
    PrimaryKeyConstraint("organization_id", "id", name="pk_device"),
    reference("device", "person_id", "person"),
    Index("ix_device_person_id", "organization_id", "person_id"),
)
"""One replica of one person on one installation. `chain_seq` and `chain_head` (hex, '' before the first mutation) are
the end of its chain of sealed mutations; `public_key` is base64url Ed25519 and never changes. `is_awaited`: a command
waits for it. `lost_changes`: those that nobody else had when it was wiped."""

user_session = Table(
    "user_session",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("id", Guid, nullable=False),
    Column("person_id", Guid, nullable=False),
    Column("device_id", Guid, nullable=False),
    Column("refresh_hash", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary),
    Column("created_at", UTCDateTime, nullable=False),
    Column("rotated_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime),
    Column("security_stamp", Guid, nullable=False),
    PrimaryKeyConstraint("organization_id", "id", name="pk_user_session"),
    reference("user_session", "person_id", "person"),
    reference("user_session", "device_id", "device"),
    Index("ix_user_session_person_id", "organization_id", "person_id"),
)
"""A family of refresh tokens: the current one and the one before it, both as digests."""

device_scope = Table(
    "device_scope",
    metadata,
    Column("organization_id", Guid, nullable=False),
    Column("device_id", Guid, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("granted_seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "device_id", "scope_id", name="pk_device_scope"),
    reference("device_scope", "device_id", "device"),
)
"""Scopes that a device was told it holds; at most 64 (sync.md §2)."""
