-- Meters travel with their asset; their history stays here, one part a month.

CREATE TABLE meter (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  asset_id uuid NOT NULL, name text NOT NULL, unit text NOT NULL, minimum numeric(14, 4), maximum numeric(14, 4),
  warning_at numeric(14, 4), critical_at numeric(14, 4), last_value numeric(14, 4), last_read_at timestamptz,
  last_offset_ms bigint, last_read_by uuid, last_note text,
  CONSTRAINT pk_meter PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_meter_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset (organization_id, id)
    DEFERRABLE,
  CONSTRAINT fk_meter_last_read_by FOREIGN KEY (organization_id, last_read_by) REFERENCES person
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_meter_aggregate_id CHECK (aggregate_id = asset_id),
  CONSTRAINT ck_meter_minimum CHECK (minimum <> 'NaN'),
  CONSTRAINT ck_meter_maximum CHECK (maximum <> 'NaN'),
  CONSTRAINT ck_meter_warning_at CHECK (warning_at <> 'NaN'),
  CONSTRAINT ck_meter_critical_at CHECK (critical_at <> 'NaN'),
  CONSTRAINT ck_meter_last_value CHECK (last_value <> 'NaN')
);
CREATE INDEX ix_meter_aggregate_id ON meter (organization_id, aggregate_id);
CREATE TRIGGER guard_insert AFTER INSERT ON meter
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert();
CREATE TRIGGER guard_update AFTER UPDATE ON meter
  REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_update();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON meter
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();

CREATE TABLE meter_reading (
  organization_id uuid NOT NULL, id uuid NOT NULL, received_on date NOT NULL, meter_id uuid NOT NULL,
  value numeric(14, 4) NOT NULL, state text NOT NULL, read_at timestamptz, offset_ms bigint,
  received_at timestamptz NOT NULL, read_by uuid NOT NULL, note text, is_late boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_meter_reading PRIMARY KEY (organization_id, id, received_on),
  CONSTRAINT fk_meter_reading_meter_id FOREIGN KEY (organization_id, meter_id) REFERENCES meter
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_meter_reading_read_by FOREIGN KEY (organization_id, read_by) REFERENCES person
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_meter_reading_state CHECK (state IN ('normal', 'outside', 'warning', 'critical')),
  CONSTRAINT ck_meter_reading_value CHECK (value <> 'NaN')
) PARTITION BY RANGE (received_on);
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON meter_reading
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
CREATE INDEX ix_meter_reading_meter_id ON meter_reading (organization_id, meter_id, received_at);

ALTER TABLE meter ENABLE ROW LEVEL SECURITY;
ALTER TABLE meter FORCE ROW LEVEL SECURITY;
ALTER TABLE meter_reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE meter_reading FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON meter
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY organization_only ON meter_reading
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY site_only ON meter AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  EXISTS (SELECT FROM asset AS r WHERE r.organization_id = meter.organization_id AND r.id = meter.aggregate_id));
CREATE POLICY site_only ON meter_reading AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  EXISTS (SELECT FROM meter AS r
    WHERE r.organization_id = meter_reading.organization_id AND r.id = meter_reading.meter_id));

GRANT SELECT ON meter, meter_reading
  TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT ON meter, meter_reading TO cmms_app_sync, cmms_worker;
GRANT UPDATE ON meter TO cmms_app_sync, cmms_worker;
