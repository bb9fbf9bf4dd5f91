"""What only the server keeps about stock: whom to ask at a vendor. Read and written by the sign-in's role alone."""

from sqlalchemy import Column, PrimaryKeyConstraint, Table, UniqueConstraint

from sync_server.contract.column_types import Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference

vendor_contact = Table(
    "vendor_contact",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Made by the server."),
    Column("vendor_id", Guid, nullable=False, comment="The vendor."),
    Column("name", Text, nullable=False, comment="Who it is."),
    Column("phone", Text, comment="Where to call. NULL: nobody said."),
    Column("email", Text, comment="Where to write. NULL: nobody said."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was written down."),
    Column("updated_at", UTCDateTime, nullable=False, comment="When it was changed last."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_vendor_contact"),
    reference("vendor_contact", "vendor_id", "vendor"),
    UniqueConstraint(
        "organization_id", "vendor_id", "name", name="uq_vendor_contact_name", info={"why": "one of each name"}
    ),
    comment="Whom to ask at a vendor. Personal, so it can be removed for good, and no device holds it.",
)
