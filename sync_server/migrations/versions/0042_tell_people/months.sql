-- The months of notifications. Only these two functions make and detach them: no role that serves may change a table.

CREATE FUNCTION make_notification_months(ahead integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  first date;
  name text;
  made integer := 0;
  rule constant text := 'organization_id = nullif(current_setting(''app.organization_id'', true), '''')::uuid';
BEGIN
  IF ahead IS NULL OR ahead NOT BETWEEN 0 AND 12 THEN
    RAISE EXCEPTION USING MESSAGE = 'months are made for a year ahead at most';
  END IF;
  PERFORM pg_advisory_xact_lock(7166461941);  -- one at a time, whoever asks
  FOR month IN 0 .. ahead LOOP
    first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => month))::date;
    name := 'notification_' || to_char(first, 'YYYY_MM');
    CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.notification INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT months CHECK (received_on >= %L AND received_on < %L)',
      name, first, (first + interval '1 month')::date);
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY organization_only ON public.%I USING (%s) WITH CHECK (%s)', name, rule, rule);
    EXECUTE format('COMMENT ON TABLE public.%I IS %L', name, 'Notifications that were written in one month.');
    EXECUTE format('GRANT SELECT ON public.%I TO cmms_backup', name);
    EXECUTE format('ALTER TABLE public.notification ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
      name, first, (first + interval '1 month')::date);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT months', name);  -- its bounds say the same
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
COMMENT ON FUNCTION make_notification_months(integer) IS
  'Makes the months of notifications that are missing, the present one and some ahead, closed like all tables.';

CREATE FUNCTION detach_notification_months(kept integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  part record;
  oldest text;
  detached integer := 0;
BEGIN
  IF kept IS NULL OR kept < 13 THEN
    RAISE EXCEPTION USING MESSAGE = 'a year of notifications and the present month stay';
  END IF;
  PERFORM pg_advisory_xact_lock(7166461941);
  oldest := 'notification_' || to_char(now() AT TIME ZONE 'UTC' - make_interval(months => kept), 'YYYY_MM');
  FOR part IN
    SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.notification'::regclass AND c.relname < oldest ORDER BY c.relname
  LOOP
    EXECUTE format('ALTER TABLE public.notification DETACH PARTITION public.%I', part.relname);
    detached := detached + 1;
  END LOOP;
  RETURN detached;
END $$;
COMMENT ON FUNCTION detach_notification_months(integer) IS
  'Takes months that are too old away; they stay in the database, closed, and in backups.';

REVOKE EXECUTE ON FUNCTION make_notification_months(integer), detach_notification_months(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_notification_months(integer), detach_notification_months(integer) TO cmms_worker;
SELECT make_notification_months(3);
