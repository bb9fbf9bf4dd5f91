"""Who asked for service without having an account: contact columns, apart from everything that is synced or listed.

Written blindly with the request by the role that writes rows, read by the role of credentials alone.
"""

from sqlalchemy import Column, PrimaryKeyConstraint, Table

from sync_server.contract.column_types import Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference

service_requester = Table(
    "service_requester",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("service_request_id", Guid, nullable=False, comment="What was asked for."),
    Column("name", Text, comment="Who asked. NULL: it was forgotten."),
    Column("contact", Text, comment="How to reach who asked, in words. NULL: not told, or it was forgotten."),
    Column("noted_at", UTCDateTime, nullable=False, comment="When it was written down."),
    Column("forgotten_at", UTCDateTime, comment="Since when nobody knows it any more. NULL: it is known."),
    PrimaryKeyConstraint("organization_id", "service_request_id", name="pk_service_requester"),
    reference("service_requester", "service_request_id", "service_request"),
    comment="Who asked for service without an account, and how to reach him. No device ever gets it.",
)
