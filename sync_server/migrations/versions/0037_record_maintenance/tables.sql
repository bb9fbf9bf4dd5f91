-- What was done of planned maintenance: one line for each time, written when its order is closed, by whoever does.

CREATE TABLE maintenance_history (
  organization_id uuid NOT NULL, work_order_id uuid NOT NULL, maintenance_schedule_id uuid NOT NULL,
  occurrence text NOT NULL, site_id uuid NOT NULL, asset_id uuid, due_at timestamptz NOT NULL,
  due_value numeric(14, 4), done_at timestamptz NOT NULL, done_by uuid, meter_value numeric(14, 4),
  recorded_at timestamptz NOT NULL,
  CONSTRAINT pk_maintenance_history PRIMARY KEY (organization_id, work_order_id),
  CONSTRAINT fk_maintenance_history_work_order_id FOREIGN KEY (organization_id, work_order_id)
    REFERENCES work_order (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_history_maintenance_schedule_id FOREIGN KEY (organization_id, maintenance_schedule_id)
    REFERENCES maintenance_schedule (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_history_site_id FOREIGN KEY (organization_id, site_id)
    REFERENCES site (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_history_asset_id FOREIGN KEY (organization_id, asset_id)
    REFERENCES asset (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_maintenance_history_done_by FOREIGN KEY (organization_id, done_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_maintenance_history_due_value CHECK (due_value <> 'NaN'),
  CONSTRAINT ck_maintenance_history_meter_value CHECK (meter_value <> 'NaN')
);
CREATE INDEX ix_maintenance_history_asset_id ON maintenance_history (organization_id, asset_id, done_at);

ALTER TABLE maintenance_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE maintenance_history FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON maintenance_history
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY site_only ON maintenance_history AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  site_id = ANY ((SELECT string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT, INSERT ON maintenance_history TO cmms_app_sync, cmms_worker;
GRANT SELECT ON maintenance_history TO cmms_app_office, cmms_readonly, cmms_backup;
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON maintenance_history
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
CREATE TRIGGER guard_record BEFORE UPDATE ON maintenance_history FOR EACH ROW EXECUTE FUNCTION guard_record();

-- Called for an order that is being closed, and for no other write. At the end of the commit, because who did the work
-- stands in a signature, which comes with the same commit where two people sign on one device without network. An order
-- that is reopened and closed again was done when it was closed first.
CREATE FUNCTION record_maintenance() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.maintenance_history (organization_id, work_order_id, maintenance_schedule_id, occurrence, site_id,
    asset_id, due_at, due_value, done_at, done_by, meter_value, recorded_at)
  SELECT NEW.organization_id, NEW.id, c.maintenance_schedule_id, c.occurrence, NEW.site_id, NEW.asset_id, c.due_at,
    c.due_value, coalesce(NEW.completed_at, NEW.closed_at, NEW.updated_at),
    coalesce((SELECT g.signer_id FROM public.signature AS g WHERE g.organization_id = NEW.organization_id
      AND g.id = NEW.performed_signature_id), NEW.updated_by),
    (SELECT m.last_value FROM public.meter AS m WHERE m.organization_id = NEW.organization_id AND m.id = c.meter_id),
    pg_catalog.clock_timestamp()
  FROM public.maintenance_occurrence AS c WHERE c.organization_id = NEW.organization_id AND c.work_order_id = NEW.id
  ON CONFLICT (organization_id, work_order_id) DO NOTHING;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION record_maintenance() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER record_maintenance AFTER UPDATE OF status ON work_order
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.status = 'closed' AND OLD.status IS DISTINCT FROM 'closed') EXECUTE FUNCTION record_maintenance();
COMMENT ON FUNCTION record_maintenance() IS
  'Writes down that planned maintenance was done, in the commit that closes its order.';

COMMENT ON TABLE maintenance_history IS
  'Planned maintenance that was done, one line for each time; only ever added to.';
COMMENT ON COLUMN maintenance_history.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN maintenance_history.work_order_id IS 'The order with which it was done.';
COMMENT ON COLUMN maintenance_history.maintenance_schedule_id IS 'Of which schedule.';
COMMENT ON COLUMN maintenance_history.occurrence IS 'Which one of that schedule.';
COMMENT ON COLUMN maintenance_history.site_id IS 'Site of the order when it was closed. Decides who sees the line.';
COMMENT ON COLUMN maintenance_history.asset_id IS 'What the order was about when it was closed. NULL: no asset.';
COMMENT ON COLUMN maintenance_history.due_at IS 'When it was due.';
COMMENT ON COLUMN maintenance_history.due_value IS 'What the meter had to show for it. NULL: it went by the calendar.';
COMMENT ON COLUMN maintenance_history.done_at IS 'When the order was completed, by the server''s clock.';
COMMENT ON COLUMN maintenance_history.done_by IS 'Who signed it as performed, else who closed it. NULL: the server.';
COMMENT ON COLUMN maintenance_history.meter_value IS
  'What the meter showed when it was closed. NULL: by the calendar, or never read.';
COMMENT ON COLUMN maintenance_history.recorded_at IS
  'When this line was written: with the commit that closed the order.';
