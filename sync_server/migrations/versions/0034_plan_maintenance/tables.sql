-- Tables of the server alone: commands and the nightly routine write them, the office reads the schedules of its sites.

CREATE TABLE maintenance_schedule (
  organization_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL, site_id uuid NOT NULL, asset_id uuid,
  work_order_template_id uuid NOT NULL, rule text, starts_on date, minute_of_day integer, meter_id uuid,
  every_units numeric(14, 4), lead_days integer DEFAULT 0 NOT NULL, is_active boolean DEFAULT true NOT NULL,
  next_local text, next_due_at timestamptz, next_due_value numeric(14, 4), held_back text,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, deleted_at timestamptz,
  CONSTRAINT pk_maintenance_schedule PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_maintenance_schedule_site_id FOREIGN KEY (organization_id, site_id)
    REFERENCES site (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_schedule_asset_id FOREIGN KEY (organization_id, asset_id)
    REFERENCES asset (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_schedule_work_order_template_id FOREIGN KEY (organization_id, work_order_template_id)
    REFERENCES work_order_template (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_schedule_meter_id FOREIGN KEY (organization_id, meter_id)
    REFERENCES meter (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_maintenance_schedule_rule CHECK (num_nonnulls(rule, meter_id) = 1),
  CONSTRAINT ck_maintenance_schedule_starts_on
    CHECK ((rule IS NULL) = (starts_on IS NULL) AND (rule IS NULL) = (minute_of_day IS NULL)),
  CONSTRAINT ck_maintenance_schedule_minute_of_day CHECK (minute_of_day BETWEEN 0 AND 1439),
  CONSTRAINT ck_maintenance_schedule_meter_id
    CHECK ((meter_id IS NULL) = (every_units IS NULL) AND (meter_id IS NULL) = (next_due_value IS NULL)
      AND (meter_id IS NULL OR asset_id IS NOT NULL)),
  CONSTRAINT ck_maintenance_schedule_every_units CHECK (every_units > 0 AND every_units <> 'NaN'),
  CONSTRAINT ck_maintenance_schedule_lead_days
    CHECK (lead_days BETWEEN 0 AND 365 AND (meter_id IS NULL OR lead_days = 0)),
  CONSTRAINT ck_maintenance_schedule_next_local CHECK ((next_local IS NULL) = (next_due_at IS NULL)),
  CONSTRAINT ck_maintenance_schedule_next_due_value CHECK (next_due_value <> 'NaN')
);
CREATE UNIQUE INDEX uq_maintenance_schedule_name ON maintenance_schedule (organization_id, name)
  WHERE deleted_at IS NULL;

CREATE TABLE maintenance_occurrence (
  organization_id uuid NOT NULL, maintenance_schedule_id uuid NOT NULL, occurrence text NOT NULL,
  due_at timestamptz NOT NULL, meter_id uuid, due_value numeric(14, 4), passed_over integer DEFAULT 0 NOT NULL,
  work_order_id uuid NOT NULL, made_at timestamptz NOT NULL,
  CONSTRAINT pk_maintenance_occurrence PRIMARY KEY (organization_id, maintenance_schedule_id, occurrence),
  CONSTRAINT uq_maintenance_occurrence_work_order_id UNIQUE (organization_id, work_order_id),
  CONSTRAINT fk_maintenance_occurrence_maintenance_schedule_id FOREIGN KEY (organization_id, maintenance_schedule_id)
    REFERENCES maintenance_schedule (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_occurrence_meter_id FOREIGN KEY (organization_id, meter_id)
    REFERENCES meter (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_occurrence_work_order_id FOREIGN KEY (organization_id, work_order_id)
    REFERENCES work_order (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_maintenance_occurrence_due_value
    CHECK ((meter_id IS NULL) = (due_value IS NULL) AND due_value <> 'NaN'),
  CONSTRAINT ck_maintenance_occurrence_passed_over CHECK (passed_over >= 0)
);

ALTER TABLE maintenance_schedule ENABLE ROW LEVEL SECURITY;
ALTER TABLE maintenance_schedule FORCE ROW LEVEL SECURITY;
ALTER TABLE maintenance_occurrence ENABLE ROW LEVEL SECURITY;
ALTER TABLE maintenance_occurrence FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON maintenance_schedule
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY organization_only ON maintenance_occurrence
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY site_only ON maintenance_schedule AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  site_id = ANY ((SELECT string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])::uuid[]));

GRANT SELECT, INSERT, UPDATE ON maintenance_schedule TO cmms_worker;
GRANT SELECT ON maintenance_schedule TO cmms_app_office, cmms_readonly, cmms_backup;
GRANT SELECT, INSERT ON maintenance_occurrence TO cmms_worker;
GRANT SELECT ON maintenance_occurrence TO cmms_app_sync, cmms_readonly, cmms_backup;
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON maintenance_schedule
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON maintenance_occurrence
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
CREATE TRIGGER guard_record BEFORE UPDATE ON maintenance_occurrence FOR EACH ROW EXECUTE FUNCTION guard_record();

COMMENT ON TABLE maintenance_schedule IS
  'When maintenance comes again, by the calendar or by a meter, and what its orders say.';
COMMENT ON COLUMN maintenance_schedule.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN maintenance_schedule.id IS 'Made by the server; ids of its orders follow from it.';
COMMENT ON COLUMN maintenance_schedule.name IS 'What people call it; one of the schedules that are not deleted.';
COMMENT ON COLUMN maintenance_schedule.site_id IS 'Where its orders are made; follows its asset. Decides who sees it.';
COMMENT ON COLUMN maintenance_schedule.asset_id IS 'What its orders are about. NULL: the site as a whole.';
COMMENT ON COLUMN maintenance_schedule.work_order_template_id IS 'What its orders say.';
COMMENT ON COLUMN maintenance_schedule.rule IS
  'RFC 5545 RRULE of days, weeks, months or years. NULL: it goes by a meter.';
COMMENT ON COLUMN maintenance_schedule.starts_on IS
  'Day at the site from which `rule` counts. NULL: it goes by a meter.';
COMMENT ON COLUMN maintenance_schedule.minute_of_day IS
  'When on those days, minutes after midnight at the site. NULL: by a meter.';
COMMENT ON COLUMN maintenance_schedule.meter_id IS 'Meter of its asset that it goes by. NULL: it goes by the calendar.';
COMMENT ON COLUMN maintenance_schedule.every_units IS
  'How much that meter counts up between two orders. NULL: by the calendar.';
COMMENT ON COLUMN maintenance_schedule.lead_days IS
  'How many days before they are due its orders are made; by a meter: 0.';
COMMENT ON COLUMN maintenance_schedule.is_active IS 'Whether it makes orders.';
COMMENT ON COLUMN maintenance_schedule.next_local IS
  'Wall clock at the site of what comes next, such as 2026-03-29T02:30. NULL: nothing, or by a meter.';
COMMENT ON COLUMN maintenance_schedule.next_due_at IS
  'The instant of `next_local`. NULL: nothing comes, or by a meter.';
COMMENT ON COLUMN maintenance_schedule.next_due_value IS
  'What the meter shows when it is due next. NULL: by the calendar.';
COMMENT ON COLUMN maintenance_schedule.held_back IS
  'Why the order that is due is not made, in a sentence. NULL: nothing is due.';
COMMENT ON COLUMN maintenance_schedule.created_at IS 'When it was made.';
COMMENT ON COLUMN maintenance_schedule.updated_at IS 'When it was changed last.';
COMMENT ON COLUMN maintenance_schedule.deleted_at IS 'Since when it is deleted; its orders stay. NULL: it is there.';
COMMENT ON TABLE maintenance_occurrence IS
  'What of a schedule became due, with its order; only ever added to, once for each time.';
COMMENT ON COLUMN maintenance_occurrence.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN maintenance_occurrence.maintenance_schedule_id IS 'Of which schedule.';
COMMENT ON COLUMN maintenance_occurrence.occurrence IS
  'Which one: its wall clock at the site, or a value of the meter. It makes an order once.';
COMMENT ON COLUMN maintenance_occurrence.due_at IS 'When it is due; by a meter: when it was found to be.';
COMMENT ON COLUMN maintenance_occurrence.meter_id IS 'The meter that it went by. NULL: it went by the calendar.';
COMMENT ON COLUMN maintenance_occurrence.due_value IS 'What that meter had to show for it. NULL: by the calendar.';
COMMENT ON COLUMN maintenance_occurrence.passed_over IS
  'How many later ones its order stands for, too, because they passed before it was made.';
COMMENT ON COLUMN maintenance_occurrence.work_order_id IS 'The order that was made for it.';
COMMENT ON COLUMN maintenance_occurrence.made_at IS 'When that was.';
