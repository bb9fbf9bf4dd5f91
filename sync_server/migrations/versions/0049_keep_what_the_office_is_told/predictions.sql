-- What models say about assets, only ever added to.

CREATE TABLE prediction (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  asset_id uuid NOT NULL,
  kind text NOT NULL,
  expected_from date NOT NULL,
  expected_until date NOT NULL,
  probability double precision NOT NULL,
  model_name text NOT NULL,
  model_version text NOT NULL,
  made_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT pk_prediction PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_prediction_asset_id FOREIGN KEY(organization_id, asset_id)
    REFERENCES asset (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_prediction_kind CHECK (kind IN ('failure', 'service', 'limit')),
  CONSTRAINT ck_prediction_expected_until CHECK (expected_until >= expected_from),
  CONSTRAINT ck_prediction_probability CHECK (probability >= 0 AND probability <= 1)
);
CREATE INDEX ix_prediction_asset_id ON prediction (organization_id, asset_id, made_at);
COMMENT ON TABLE prediction IS
  'What a model expected of an asset; never changed, a newer one stands beside it. No device holds any.';
COMMENT ON COLUMN prediction.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN prediction.id IS 'Follows from asset, kind, model, version and instant: said once.';
COMMENT ON COLUMN prediction.asset_id IS 'What it is about; decides who sees it.';
COMMENT ON COLUMN prediction.kind IS 'What is expected.';
COMMENT ON COLUMN prediction.expected_from IS 'First day on which it may happen.';
COMMENT ON COLUMN prediction.expected_until IS 'Last day on which it may happen.';
COMMENT ON COLUMN prediction.probability IS 'How likely it is in that time, from 0 to 1.';
COMMENT ON COLUMN prediction.model_name IS 'Which model says so.';
COMMENT ON COLUMN prediction.model_version IS 'Which version of it.';
COMMENT ON COLUMN prediction.made_at IS 'When the model said it, by its own clock.';
COMMENT ON COLUMN prediction.created_at IS 'When it was taken over.';

ALTER TABLE prediction ENABLE ROW LEVEL SECURITY;
ALTER TABLE prediction FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON prediction
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY site_only ON prediction AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  EXISTS (SELECT FROM asset AS r WHERE r.organization_id = prediction.organization_id AND r.id = prediction.asset_id));

GRANT SELECT, INSERT ON prediction TO cmms_worker;
GRANT SELECT ON prediction TO cmms_app_office, cmms_readonly, cmms_backup;

CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON prediction
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
