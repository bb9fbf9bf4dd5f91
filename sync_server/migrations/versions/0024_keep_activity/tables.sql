-- The activity log. Serving roles read what they must and hold no right to write: functions do that (writing.sql).

CREATE TABLE activity_log (
  organization_id uuid NOT NULL, seq bigint NOT NULL, received_on date NOT NULL, received_at timestamptz NOT NULL,
  act text NOT NULL, row_id uuid, actor_id uuid, body text NOT NULL, previous_hash text NOT NULL, hash text NOT NULL,
  CONSTRAINT pk_activity_log PRIMARY KEY (organization_id, seq, received_on),
  CONSTRAINT fk_activity_log_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_activity_log_seq CHECK (seq >= 1)
) PARTITION BY RANGE (received_on);
CREATE INDEX ix_activity_log_row_id ON activity_log (organization_id, row_id, seq);

CREATE TABLE activity_value (
  organization_id uuid NOT NULL, activity_seq bigint NOT NULL, path text NOT NULL, subject_id uuid, salt text,
  value text,
  CONSTRAINT pk_activity_value PRIMARY KEY (organization_id, activity_seq, path),
  CONSTRAINT fk_activity_value_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_activity_value_value CHECK ((salt IS NULL) = (value IS NULL))
);
CREATE INDEX ix_activity_value_subject_id ON activity_value (organization_id, subject_id) WHERE salt IS NOT NULL;

CREATE TABLE activity_head (
  organization_id uuid NOT NULL, seq bigint DEFAULT 0 NOT NULL, hash text NOT NULL, received_at timestamptz,
  CONSTRAINT pk_activity_head PRIMARY KEY (organization_id),
  CONSTRAINT fk_activity_head_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id)
);

ALTER TABLE activity_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity_log FORCE ROW LEVEL SECURITY;
ALTER TABLE activity_value ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity_value FORCE ROW LEVEL SECURITY;
ALTER TABLE activity_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity_head FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON activity_log
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY organization_only ON activity_value
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY organization_only ON activity_head
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
GRANT SELECT ON activity_log, activity_value, activity_head TO cmms_worker, cmms_readonly, cmms_backup;

-- A row trigger goes over to each month when that is attached; it also stops who may bypass row security.
CREATE FUNCTION guard_record() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = 'lines of ' || TG_TABLE_NAME || ' are never changed';
END $$;
COMMENT ON FUNCTION guard_record() IS 'Refuses that a line of a record is changed.';
REVOKE EXECUTE ON FUNCTION guard_record() FROM PUBLIC;
CREATE TRIGGER guard_record BEFORE UPDATE ON activity_log FOR EACH ROW EXECUTE FUNCTION guard_record();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON activity_log
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON activity_value
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON activity_head
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
