-- What tables and columns meant when this revision was made; drawn from the declarations, and frozen.

COMMENT ON TABLE push_subscription IS 'How a device is reached while it does not ask. What is revoked keeps none of its secrets.';
COMMENT ON COLUMN push_subscription.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN push_subscription.device_id IS 'Which device.';
COMMENT ON COLUMN push_subscription.endpoint IS 'Address of its push service, https; whoever knows it can write. NULL: ended.';
COMMENT ON COLUMN push_subscription.p256dh IS 'Public key that messages are encrypted to (RFC 8291), base64url. NULL: ended.';
COMMENT ON COLUMN push_subscription.auth IS 'Secret that they are encrypted with, base64url. NULL: ended.';
COMMENT ON COLUMN push_subscription.subscribed_at IS 'When the device told them last.';
COMMENT ON COLUMN push_subscription.revoked_at IS 'Since when they are gone, by its person or with the device. NULL: they count.';
