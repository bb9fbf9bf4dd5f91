-- The months of the activity log. Only these two functions make and detach them: no role that serves may change a table.

CREATE FUNCTION make_activity_months(ahead integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
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
  PERFORM pg_advisory_xact_lock(7166461940);  -- one at a time, whoever asks
  FOR month IN 0 .. ahead LOOP
    first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => month))::date;
    name := 'activity_log_' || to_char(first, 'YYYY_MM');
    CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.activity_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT months CHECK (received_on >= %L AND received_on < %L)',
      name, first, (first + interval '1 month')::date);
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY organization_only ON public.%I USING (%s) WITH CHECK (%s)', name, rule, rule);
    EXECUTE format('COMMENT ON TABLE public.%I IS %L', name, 'Lines of the activity log of one month.');
    EXECUTE format('GRANT SELECT ON public.%I TO cmms_backup', name);
    EXECUTE format('ALTER TABLE public.activity_log ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
      name, first, (first + interval '1 month')::date);
    EXECUTE format('CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON public.%I '
      'FOR EACH STATEMENT EXECUTE FUNCTION public.guard_removal()', name);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT months', name);  -- its bounds say the same
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
COMMENT ON FUNCTION make_activity_months(integer) IS
  'Makes the months of the activity log that are missing, the present one and some ahead, closed like all tables.';

CREATE FUNCTION detach_activity_months(kept integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  part record;
  oldest text;
  detached integer := 0;
BEGIN
  IF kept IS NULL OR kept < 13 THEN
    RAISE EXCEPTION USING MESSAGE = 'a year of the activity log and the present month stay';
  END IF;
  PERFORM pg_advisory_xact_lock(7166461940);
  oldest := 'activity_log_' || to_char(now() AT TIME ZONE 'UTC' - make_interval(months => kept), 'YYYY_MM');
  FOR part IN
    SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.activity_log'::regclass AND c.relname < oldest ORDER BY c.relname
  LOOP
    EXECUTE format('ALTER TABLE public.activity_log DETACH PARTITION public.%I', part.relname);
    detached := detached + 1;
  END LOOP;
  RETURN detached;
END $$;
COMMENT ON FUNCTION detach_activity_months(integer) IS
  'Takes months that are too old out of the log; they stay in the database, closed, and in backups.';

REVOKE EXECUTE ON FUNCTION make_activity_months(integer), detach_activity_months(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_activity_months(integer), detach_activity_months(integer) TO cmms_worker;
SELECT make_activity_months(3);
