"""Where and with which keys devices can be reached while they do not ask: one row a device, secrets all three.

Written by the role that serves the device, which cannot read them; read by the worker. Nothing sends to them yet.
"""

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Table

from sync_server.contract.column_types import Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference

push_subscription = Table(
    "push_subscription",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("device_id", Guid, nullable=False, comment="Which device."),
    Column("endpoint", Text, comment="Address of its push service, https; whoever knows it can write. NULL: ended."),
    Column("p256dh", Text, comment="Public key that messages are encrypted to (RFC 8291), base64url. NULL: ended."),
    Column("auth", Text, comment="Secret that they are encrypted with, base64url. NULL: ended."),
    Column("subscribed_at", UTCDateTime, nullable=False, comment="When the device told them last."),
    Column(
        "revoked_at",
        UTCDateTime,
        comment="Since when they are gone, by its person or with the device. NULL: they count.",
    ),
    PrimaryKeyConstraint("organization_id", "device_id", name="pk_push_subscription"),
    reference("push_subscription", "device_id", "device"),
    CheckConstraint("endpoint LIKE 'https://_%'", name="ck_push_subscription_endpoint"),
    CheckConstraint(
        "num_nulls(endpoint, p256dh, auth) = CASE WHEN revoked_at IS NULL THEN 0 ELSE 3 END",
        name="ck_push_subscription_revoked_at",
    ),
    comment="How a device is reached while it does not ask. What is revoked keeps none of its secrets.",
)
