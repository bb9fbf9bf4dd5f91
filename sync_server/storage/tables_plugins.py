"""Which plugins an organization knows, and what it thinks of them. A register: nothing here runs anybody's code."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Table, UniqueConstraint

from sync_server.contract.column_types import Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, organization_reference

STATES: Final = ("registered", "approved", "blocked")
"""Known only; wanted; not wanted whatever else is said of it."""

plugin = Table(
    "plugin",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("name", Text, nullable=False, comment="Small letters, digits and hyphens, as its manifest says."),
    Column("version", Text, nullable=False, comment="As its manifest says."),
    Column("publisher", Text, nullable=False, comment="Who made it, in the words of its manifest; nobody proved it."),
    Column("manifest_sha256", Text, nullable=False, comment="Of the manifest, byte by byte."),
    Column("state", Text, nullable=False, comment="What the organization thinks of it."),
    Column("registered_at", UTCDateTime, nullable=False, comment="When it was written down."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When its state was changed last."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_plugin"),
    organization_reference("plugin"),
    UniqueConstraint(
        "organization_id", "name", "version", name="uq_plugin_version", info={"why": "one for each version"}
    ),
    CheckConstraint("name ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="ck_plugin_name"),
    CheckConstraint("version ~ '^[0-9A-Za-z.+-]{1,40}$'", name="ck_plugin_version"),
    CheckConstraint("char_length(publisher) BETWEEN 1 AND 200", name="ck_plugin_publisher"),
    CheckConstraint("manifest_sha256 ~ '^[0-9a-f]{64}$'", name="ck_plugin_manifest_sha256"),
    CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="ck_plugin_state"),
    comment="Plugins by version, each with the digest of what its manifest said. A register: none is run.",
)
