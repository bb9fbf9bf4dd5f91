-- Numbers of each site, counted at night.

CREATE TABLE dashboard_metrics_cache (
  organization_id uuid NOT NULL,
  site_id uuid NOT NULL,
  metric text NOT NULL,
  value bigint NOT NULL,
  computed_at timestamptz NOT NULL,
  CONSTRAINT pk_dashboard_metrics_cache PRIMARY KEY (organization_id, site_id, metric),
  CONSTRAINT fk_dashboard_metrics_cache_site_id FOREIGN KEY(organization_id, site_id)
    REFERENCES site (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_dashboard_metrics_cache_metric CHECK (metric IN ('open_orders', 'unassigned_orders', 'on_hold_orders',
    'overdue_orders', 'orders_to_review', 'orders_closed_in_30_days', 'waiting_part_requests', 'levels_below_zero')),
  CONSTRAINT ck_dashboard_metrics_cache_value CHECK (value >= 0)
);
COMMENT ON TABLE dashboard_metrics_cache IS
  'Numbers of a site, counted once a night. The office sees those of its sites; no device holds any.';
COMMENT ON COLUMN dashboard_metrics_cache.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN dashboard_metrics_cache.site_id IS 'Site that is counted; decides who sees the number.';
COMMENT ON COLUMN dashboard_metrics_cache.metric IS 'What is counted.';
COMMENT ON COLUMN dashboard_metrics_cache.value IS 'How many there were.';
COMMENT ON COLUMN dashboard_metrics_cache.computed_at IS 'As of when.';

ALTER TABLE dashboard_metrics_cache ENABLE ROW LEVEL SECURITY;
ALTER TABLE dashboard_metrics_cache FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON dashboard_metrics_cache
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY site_only ON dashboard_metrics_cache AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  site_id = ANY ((SELECT string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])::uuid[]));

GRANT SELECT, INSERT, UPDATE ON dashboard_metrics_cache TO cmms_worker;
GRANT SELECT ON dashboard_metrics_cache TO cmms_app_office, cmms_readonly, cmms_backup;
