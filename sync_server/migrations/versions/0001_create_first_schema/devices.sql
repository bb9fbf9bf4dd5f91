-- Credentials, devices, sessions and the scopes that a device holds.

CREATE TABLE user_credential (
  organization_id uuid NOT NULL, person_id uuid NOT NULL, login text NOT NULL, password_hash text NOT NULL,
  security_stamp uuid NOT NULL, failed_attempts integer DEFAULT 0 NOT NULL, not_before timestamptz, totp text,
  CONSTRAINT pk_user_credential PRIMARY KEY (organization_id, person_id),
  CONSTRAINT fk_user_credential_person_id FOREIGN KEY (organization_id, person_id) REFERENCES person
    (organization_id, id) DEFERRABLE
);
CREATE UNIQUE INDEX uq_user_credential_login ON user_credential (organization_id, lower(login));

CREATE TABLE device (
  organization_id uuid NOT NULL, id uuid NOT NULL, person_id uuid NOT NULL, name text NOT NULL,
  public_key text NOT NULL, app_version text NOT NULL, enrolled_at timestamptz NOT NULL, revoked_at timestamptz,
  last_seen_at timestamptz, chain_seq bigint DEFAULT 0 NOT NULL, chain_head text DEFAULT '' NOT NULL,
  clock_offset_ms bigint, outbox_count integer, outbox_oldest_at timestamptz, lease_nonce text,
  lease_nonce_previous text,
  CONSTRAINT pk_device PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_device_person_id FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id,
    id) DEFERRABLE
);
CREATE INDEX ix_device_person_id ON device (organization_id, person_id);

CREATE TABLE user_session (
  organization_id uuid NOT NULL, id uuid NOT NULL, person_id uuid NOT NULL, device_id uuid NOT NULL,
  refresh_hash bytea NOT NULL, previous_hash bytea, created_at timestamptz NOT NULL,
  rotated_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, revoked_at timestamptz,
  security_stamp uuid NOT NULL,
  CONSTRAINT pk_user_session PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_user_session_person_id FOREIGN KEY (organization_id, person_id) REFERENCES person
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_user_session_device_id FOREIGN KEY (organization_id, device_id) REFERENCES device
    (organization_id, id) DEFERRABLE
);
CREATE INDEX ix_user_session_person_id ON user_session (organization_id, person_id);

CREATE TABLE device_scope (
  organization_id uuid NOT NULL, device_id uuid NOT NULL, scope_id text NOT NULL, granted_seq bigint NOT NULL,
  CONSTRAINT pk_device_scope PRIMARY KEY (organization_id, device_id, scope_id),
  CONSTRAINT fk_device_scope_device_id FOREIGN KEY (organization_id, device_id) REFERENCES device
    (organization_id, id) DEFERRABLE
);
