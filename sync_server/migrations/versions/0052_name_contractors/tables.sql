-- Companies whose people work on orders, and who belongs to them.

CREATE TABLE contractor (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  insured_until date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT pk_contractor PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_contractor_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT uq_contractor_code UNIQUE (organization_id, code)
);
COMMENT ON TABLE contractor IS
  'A company whose people work on orders. The whole office sees it; no device needs it offline.';
COMMENT ON COLUMN contractor.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN contractor.id IS 'Made by the server.';
COMMENT ON COLUMN contractor.code IS 'Its number at the organization.';
COMMENT ON COLUMN contractor.name IS 'What people call it.';
COMMENT ON COLUMN contractor.insured_until IS 'Last day on which its people are insured. NULL: nobody said.';
COMMENT ON COLUMN contractor.created_at IS 'When it was written down.';
COMMENT ON COLUMN contractor.updated_at IS 'When it was changed last.';

CREATE TABLE contractor_member (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  contractor_id uuid NOT NULL,
  person_id uuid,
  team_id uuid,
  created_at timestamptz NOT NULL,
  CONSTRAINT pk_contractor_member PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_contractor_member_contractor_id FOREIGN KEY (organization_id, contractor_id)
    REFERENCES contractor (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_contractor_member_person_id FOREIGN KEY (organization_id, person_id)
    REFERENCES person (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_contractor_member_team_id FOREIGN KEY (organization_id, team_id)
    REFERENCES team (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_contractor_member_member CHECK (num_nonnulls(person_id, team_id) = 1)
);
CREATE UNIQUE INDEX uq_contractor_member_person_id ON contractor_member (organization_id, person_id)
  WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX uq_contractor_member_team_id ON contractor_member (organization_id, team_id)
  WHERE team_id IS NOT NULL;
CREATE INDEX ix_contractor_member_contractor_id ON contractor_member (organization_id, contractor_id);
COMMENT ON TABLE contractor_member IS 'A person or team that belongs to a company.';
COMMENT ON COLUMN contractor_member.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN contractor_member.id IS 'Made by the server.';
COMMENT ON COLUMN contractor_member.contractor_id IS 'The company.';
COMMENT ON COLUMN contractor_member.person_id IS 'Who belongs to it. NULL: a team does.';
COMMENT ON COLUMN contractor_member.team_id IS
  'Which team belongs to it, with everybody in it. NULL: a person does.';
COMMENT ON COLUMN contractor_member.created_at IS 'When it was written down.';

ALTER TABLE contractor ENABLE ROW LEVEL SECURITY;
ALTER TABLE contractor FORCE ROW LEVEL SECURITY;
ALTER TABLE contractor_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE contractor_member FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON contractor
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY organization_only ON contractor_member
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);

GRANT SELECT, INSERT, UPDATE ON contractor TO cmms_worker;
GRANT SELECT, INSERT, DELETE ON contractor_member TO cmms_worker;
GRANT SELECT ON contractor, contractor_member TO cmms_app_office, cmms_readonly, cmms_backup;
