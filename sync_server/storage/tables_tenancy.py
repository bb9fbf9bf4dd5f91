"""Server-only tables about who is who: organizations, credentials, sessions and devices.

Like everything below an organization they start with `organization_id`. The one table above all tenants is
`organization_directory`: read before a tenant is known, by definer functions only; nobody else holds a grant on it.
Of `organization_domain` the same function reads more than one organization's rows, and nobody who serves writes any.
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
    text,
)

from sync_server.contract.column_types import BigInteger, Boolean, Guid, Integer, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION

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
    Column("id", Guid, nullable=False, comment="Also the `organization_id` of everything that belongs to it."),
    Column(
        "slug",
        Text,
        nullable=False,
        comment="Its name at every sign-in, as it was given; `organization_directory` decides.",
    ),
    Column("name", Text, nullable=False, comment="Name for people."),
    Column(
        "settings",
        Text,
        nullable=False,
        server_default=text("'{}'"),
        comment="JSON document: what an administrator has said for all of it.",
    ),
    Column(
        "recovery_public_key",
        Text,
        comment="X25519 key that devices seal rescue files to, base64url. NULL: none made yet.",
    ),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was made."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When its row was written last."),
    Column(
        "time_zone",
        Text,
        nullable=False,
        server_default=text("'UTC'"),
        comment="Name in the IANA list, such as Europe/Berlin: its night is when the routines run.",
    ),
    Column(
        "days_with_people",
        Integer,
        nullable=False,
        server_default=text("14"),
        comment="For how many days an order that ended stays on the devices of its people; 1 to 90.",
    ),
    Column(
        "days_in_review",
        Integer,
        nullable=False,
        server_default=text("90"),
        comment="For how many days it stays on those of the review; no fewer than with its people, at most 365.",
    ),
    Column(
        "enrols_by_code",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Whether a new device needs an enrolment code besides its person's password.",
    ),
    Column(
        "suspended_at",
        UTCDateTime,
        comment="Since when nobody signs in anew; what is signed in goes on sending. NULL: it works.",
    ),
    Column("suspended_because", Text, comment="Why, in the words of an administrator. NULL: it works."),
    Column(
        "removal_began_at",
        UTCDateTime,
        comment="Since when it is being removed; there is no way back. NULL: it stays.",
    ),
    Column(
        "removed_because",
        Text,
        comment="Why although devices had work to send. NULL: it stays, or nothing known was lost.",
    ),
    PrimaryKeyConstraint("id", name="pk_organization"),
    CheckConstraint("time_zone ~ '^[A-Za-z0-9_+/-]{1,64}$'", name="ck_organization_time_zone"),
    CheckConstraint("days_with_people BETWEEN 1 AND 90", name="ck_organization_days_with_people"),
    CheckConstraint("days_in_review BETWEEN days_with_people AND 365", name="ck_organization_days_in_review"),
    comment="One row for each tenant. Its slug counts in the directory.",
)

organization_directory = Table(
    "organization_directory",
    metadata,
    Column("slug", Text, nullable=False, comment="Small letters, digits and hyphens; unique everywhere."),
    Column("organization_id", Guid, nullable=False, comment="Whose it is."),
    PrimaryKeyConstraint("slug", name="pk_organization_directory"),
    organization_reference("organization_directory"),
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="ck_organization_directory_slug"),
    comment="Slugs of all organizations, asked before a tenant is known, by functions only.",
)

organization_domain = Table(
    "organization_domain",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("domain", Text, nullable=False, comment="Mail domain, small letters."),
    Column("is_primary", Boolean, nullable=False, comment="Whether it is the one that is named first."),
    Column(
        "verified_at",
        UTCDateTime,
        comment="Since when it is known to be its own, and finds it. NULL: somebody says so; nobody is found by it.",
    ),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was written down."),
    PrimaryKeyConstraint("organization_id", "domain", name="pk_organization_domain"),
    organization_reference("organization_domain"),
    CheckConstraint("domain ~ '^[a-z0-9.-]{1,253}$'", name="ck_organization_domain_domain"),
    Index(
        "uq_organization_domain_domain",
        "domain",
        unique=True,
        postgresql_where=text("verified_at IS NOT NULL"),
        info={"why": "whose a mail domain is: of all organizations one"},
    ),
    Index(
        "uq_organization_domain_is_primary",
        "organization_id",
        unique=True,
        postgresql_where=text("is_primary"),
        info={"why": "the one that is named first"},
    ),
    comment="Mail domains of an organization. Asked before a tenant is known, too, by a function only.",
)

user_credential = Table(
    "user_credential",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("person_id", Guid, nullable=False, comment="Whose."),
    Column(
        "login",
        Text,
        nullable=False,
        comment="What he types; unique in the organization, large and small letters alike.",
    ),
    Column("password_hash", Text, nullable=False, comment="argon2id, with its parameters."),
    Column("security_stamp", Guid, nullable=False, comment="A new one ends all his sessions."),
    Column("failed_attempts", Integer, nullable=False, server_default=text("0"), comment="Wrong passwords in a row."),
    Column("not_before", UTCDateTime, comment="Nobody tries again before. NULL: at once."),
    Column("totp", Text, comment="Secret of the second factor. NULL: none."),
    PrimaryKeyConstraint("organization_id", "person_id", name="pk_user_credential"),
    reference("user_credential", "person_id", "person"),
    Index(
        "uq_user_credential_login",
        "organization_id",
        text("lower(login)"),
        unique=True,
        info={"why": "who signs in, and that nobody else has the name"},
    ),
    comment="How a person proves who he is; read by the sign-in alone.",
)

device = Table(
    "device",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the device when it is enrolled."),
    Column("person_id", Guid, nullable=False, comment="Whose it is; never another's."),
    Column("name", Text, nullable=False, comment="What the installation calls itself."),
    Column("public_key", Text, nullable=False, comment="Ed25519, base64url; never changes."),
    Column("app_version", Text, nullable=False, comment="Version of the program, as it said last."),
    Column("enrolled_at", UTCDateTime, nullable=False, comment="When it signed in first."),
    Column("revoked_at", UTCDateTime, comment="Since when it is refused. NULL: it is in good standing."),
    Column("last_seen_at", UTCDateTime, comment="When it asked anything last. NULL: never since it was enrolled."),
    Column(
        "chain_seq",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="Number of its last mutation that was taken; 0 before the first.",
    ),
    Column(
        "chain_head",
        Text,
        nullable=False,
        server_default=text("''"),
        comment="SHA-256 of that mutation, hex; empty before the first.",
    ),
    Column("clock_offset_ms", BigInteger, comment="Server clock minus its clock, as it said last. NULL: not measured."),
    Column("outbox_count", Integer, comment="Mutations that waited on it, as it said last. NULL: it did not say."),
    Column("outbox_oldest_at", UTCDateTime, comment="Since when the oldest of them waited. NULL: none did."),
    Column(
        "lease_nonce",
        Text,
        comment="Number of its last hello's answer, which the next one brings back. NULL: no hello yet.",
    ),
    Column("lease_nonce_previous", Text, comment="The one before; an answer may be lost. NULL: none."),
    Column(
        "is_awaited",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="A command waits for it in `device_command`.",
    ),
    Column("wiped_at", UTCDateTime, comment="When it reported that its keys and files are gone. NULL: it has not."),
    Column("lost_changes", Integer, comment="Changes that nobody else had when it was wiped. NULL: it was not."),
    Column(
        "log_differs_seq",
        BigInteger,
        comment="Line of the activity log that it knows otherwise, signed by this server. NULL: it knows none so.",
    ),
    PrimaryKeyConstraint("organization_id", "id", name="pk_device"),
    reference("device", "person_id", "person"),
    Index("ix_device_person_id", "organization_id", "person_id", info={"why": "devices of a person, to revoke them"}),
    comment="One replica of one person on one installation, and the end of its chain of sealed mutations.",
)

user_session = Table(
    "user_session",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="The family; its tokens name it."),
    Column("person_id", Guid, nullable=False, comment="Who signed in."),
    Column("device_id", Guid, nullable=False, comment="Where; the tokens work with its key only."),
    Column("refresh_hash", LargeBinary, nullable=False, comment="SHA-256 of the current token."),
    Column("previous_hash", LargeBinary, comment="SHA-256 of the one before it. NULL: there was none."),
    Column("created_at", UTCDateTime, nullable=False, comment="When he signed in."),
    Column("rotated_at", UTCDateTime, nullable=False, comment="When the current token was given."),
    Column("expires_at", UTCDateTime, nullable=False, comment="When the family ends."),
    Column("revoked_at", UTCDateTime, comment="When it was ended before. NULL: it was not."),
    Column(
        "security_stamp",
        Guid,
        nullable=False,
        comment="The person's when he signed in; another one there ends the session.",
    ),
    PrimaryKeyConstraint("organization_id", "id", name="pk_user_session"),
    reference("user_session", "person_id", "person"),
    reference("user_session", "device_id", "device"),
    Index(
        "ix_user_session_person_id", "organization_id", "person_id", info={"why": "sessions of a person, to end them"}
    ),
    comment="A family of refresh tokens: the current one and the one before it, as digests.",
)

device_scope = Table(
    "device_scope",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("device_id", Guid, nullable=False, comment="Which device."),
    Column("scope_id", Text, nullable=False, comment="Kind and subject of the scope, such as `user:` and a person."),
    Column("granted_seq", BigInteger, nullable=False, comment="The clock when it was told so first."),
    PrimaryKeyConstraint("organization_id", "device_id", "scope_id", name="pk_device_scope"),
    reference("device_scope", "device_id", "device"),
    comment="Scopes that a device was told it holds; at most 64.",
)
