-- The check of levels: what it cannot see it refuses. Whoever named another organization, or none, before the end of a
-- commit let it compare nothing with nothing.

CREATE OR REPLACE FUNCTION check_stock_level() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
  IF stored IS NULL AND (TG_TABLE_NAME = 'stock_level' OR NOT EXISTS (
    SELECT FROM public.stock_movement WHERE organization_id = NEW.organization_id AND id = NEW.id))
  THEN
    RAISE EXCEPTION USING MESSAGE = 'a stock level cannot be checked by another organization';
  END IF;
  SELECT coalesce(sum(quantity), 0) INTO moved FROM public.stock_movement
  WHERE organization_id = NEW.organization_id
    AND stock_location_id = NEW.stock_location_id AND part_id = NEW.part_id;
  IF coalesce(stored, 0) <> moved THEN
    RAISE EXCEPTION USING MESSAGE = 'a stock level is not the sum of its movements';
  END IF;
  RETURN NULL;
END $$;
