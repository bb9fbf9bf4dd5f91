CREATE TABLE push_subscription (
  organization_id UUID NOT NULL,
  device_id UUID NOT NULL,
  endpoint TEXT,
  p256dh TEXT,
  auth TEXT,
  subscribed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_push_subscription PRIMARY KEY (organization_id, device_id),
  CONSTRAINT fk_push_subscription_device_id FOREIGN KEY(organization_id, device_id) REFERENCES device (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_push_subscription_endpoint CHECK (endpoint LIKE 'https://_%'),
  CONSTRAINT ck_push_subscription_revoked_at CHECK (num_nulls(endpoint, p256dh, auth) = CASE WHEN revoked_at IS NULL THEN 0 ELSE 3 END)
);
