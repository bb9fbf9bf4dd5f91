-- Triggers that refuse what no code of ours does on purpose. They check; they never write.

CREATE FUNCTION guard_insert() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  commit_seq bigint := nullif(current_setting('app.commit_seq', true), '')::bigint;
BEGIN
  IF EXISTS (SELECT FROM written WHERE sync_seq IS DISTINCT FROM commit_seq) THEN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' was written outside of a unit of work';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION guard_update() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  commit_seq bigint := nullif(current_setting('app.commit_seq', true), '')::bigint;
BEGIN
  IF EXISTS (SELECT FROM written WHERE sync_seq IS DISTINCT FROM commit_seq) THEN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' was written outside of a unit of work';
  END IF;
  IF EXISTS (
    SELECT organization_id, id, aggregate_id FROM written EXCEPT SELECT organization_id, id, aggregate_id FROM replaced
  ) THEN
    RAISE EXCEPTION USING MESSAGE = 'a row of ' || TG_TABLE_NAME || ' would change its id or aggregate';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION guard_removal() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never removed: they get deleted_at';
END $$;

-- A level is the sum of its movements at every commit, in whatever order they were written. A movement whose level is
-- stamped by the same commit leaves the sum to the check of that level, so that it is made once a level, not a row.
CREATE FUNCTION check_stock_level() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  stored numeric;
  stamped bigint;
  moved numeric;
BEGIN
  SELECT quantity, sync_seq INTO stored, stamped FROM public.stock_level
  WHERE organization_id = NEW.organization_id
    AND stock_location_id = NEW.stock_location_id AND part_id = NEW.part_id;
  IF TG_TABLE_NAME = 'stock_movement' AND stamped = NEW.sync_seq THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(sum(quantity), 0) INTO moved FROM public.stock_movement
  WHERE organization_id = NEW.organization_id
    AND stock_location_id = NEW.stock_location_id AND part_id = NEW.part_id;
  IF coalesce(stored, 0) <> moved THEN
    RAISE EXCEPTION USING MESSAGE = 'a stock level is not the sum of its movements';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION guard_stock_level() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = 'a stock level would become that of another part or place';
END $$;

CREATE CONSTRAINT TRIGGER check_stock_level AFTER INSERT OR UPDATE ON stock_level
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_stock_level();
CREATE CONSTRAINT TRIGGER check_stock_level AFTER INSERT OR UPDATE ON stock_movement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_stock_level();
CREATE TRIGGER guard_stock_level BEFORE UPDATE ON stock_level FOR EACH ROW
  WHEN ((OLD.stock_location_id, OLD.part_id) IS DISTINCT FROM (NEW.stock_location_id, NEW.part_id))
  EXECUTE FUNCTION guard_stock_level();

REVOKE EXECUTE ON FUNCTION guard_insert(), guard_update(), guard_removal(), check_stock_level(), guard_stock_level()
  FROM PUBLIC;
