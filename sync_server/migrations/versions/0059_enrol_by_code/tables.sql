-- One-time codes by which new devices come in, and whether an organization asks for them.

ALTER TABLE organization ADD COLUMN enrols_by_code boolean DEFAULT false NOT NULL;
COMMENT ON COLUMN organization.enrols_by_code IS
  'Whether a new device needs an enrolment code besides its person''s password.';

CREATE TABLE enrolment_code (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  code_hash bytea NOT NULL,
  sets_password boolean NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  device_id uuid,
  CONSTRAINT pk_enrolment_code PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_enrolment_code_person_id FOREIGN KEY (organization_id, person_id)
    REFERENCES person (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_enrolment_code_device_id FOREIGN KEY (organization_id, device_id)
    REFERENCES device (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_enrolment_code_code_hash CHECK (octet_length(code_hash) = 32),
  CONSTRAINT ck_enrolment_code_expires_at CHECK (expires_at <= made_at + interval '15 minutes'),
  CONSTRAINT ck_enrolment_code_device_id CHECK (device_id IS NULL OR ended_at IS NOT NULL)
);
CREATE UNIQUE INDEX uq_enrolment_code_person_id ON enrolment_code (organization_id, person_id)
  WHERE ended_at IS NULL;
COMMENT ON TABLE enrolment_code IS 'One-time codes by which new devices come in; read by the sign-in alone.';
COMMENT ON COLUMN enrolment_code.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN enrolment_code.id IS 'Made by the server.';
COMMENT ON COLUMN enrolment_code.person_id IS 'Whose new device it lets in.';
COMMENT ON COLUMN enrolment_code.code_hash IS 'SHA-256 of it and its organization; nobody has it here.';
COMMENT ON COLUMN enrolment_code.sets_password IS
  'It stands in the place of the password, and the one that comes with it is his from then on.';
COMMENT ON COLUMN enrolment_code.made_at IS 'When it was handed out.';
COMMENT ON COLUMN enrolment_code.expires_at IS 'Until when it counts; at most 15 minutes.';
COMMENT ON COLUMN enrolment_code.ended_at IS
  'When it was used, or another one made. NULL: it counts until it expires.';
COMMENT ON COLUMN enrolment_code.device_id IS 'Device that came with it. NULL: none has.';

ALTER TABLE enrolment_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolment_code FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON enrolment_code
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);

GRANT SELECT, INSERT, UPDATE (ended_at, device_id) ON enrolment_code TO cmms_authn;
GRANT SELECT ON enrolment_code TO cmms_backup;
