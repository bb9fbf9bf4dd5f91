-- Words as they stand, of any language, without endings taken off: organizations write in several, and numbers and
-- codes are searched most. What joins words (WO-17, pump/motor, a@b) parts them, so that each is found alone. Cut where
-- a text could become more than PostgreSQL keeps of one.
CREATE FUNCTION search_words(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN pg_catalog.to_tsvector('pg_catalog.simple'::pg_catalog.regconfig,
  pg_catalog.translate(pg_catalog."left"(said, 20000),
    '-_/\.:,;#@+&|!?=()[]{}<>*"''`~^%$', pg_catalog.repeat(' ', 40)));

CREATE FUNCTION keep_new_words() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'work_order' THEN
    INSERT INTO public.search_entry (organization_id, entity, id, aggregate_id, site_id, live, words)
    SELECT organization_id, 'work_order', id, id, site_id, deleted_at IS NULL,
      setweight(public.search_words(concat_ws(' ', number, title)), 'A')
        || setweight(public.search_words(concat_ws(' ', description, asset_text)), 'B')
    FROM written;
  ELSIF TG_TABLE_NAME = 'asset' THEN
    INSERT INTO public.search_entry (organization_id, entity, id, aggregate_id, site_id, live, words)
    SELECT organization_id, 'asset', id, id, site_id, deleted_at IS NULL,
      setweight(public.search_words(concat_ws(' ', code, name)), 'A')
        || setweight(public.search_words(concat_ws(' ', serial, registration_number, manufacturer, model, notes)), 'B')
    FROM written;
  ELSIF TG_TABLE_NAME = 'asset_document' THEN
    INSERT INTO public.search_entry (organization_id, entity, id, aggregate_id, site_id, live, words)
    SELECT w.organization_id, 'asset_document', w.id, w.aggregate_id, a.site_id, a.deleted_at IS NULL,
      CASE WHEN w.deleted_at IS NOT NULL THEN ''::tsvector
      ELSE setweight(public.search_words(concat_ws(' ', w.title, w.reference)), 'A')
        || setweight(public.search_words(coalesce(w.kept_at, '')), 'B') END
    FROM written AS w JOIN public.asset AS a ON a.organization_id = w.organization_id AND a.id = w.aggregate_id;
  ELSE
    INSERT INTO public.search_entry (organization_id, entity, id, aggregate_id, site_id, live, words)
    SELECT w.organization_id, 'comment', w.id, w.aggregate_id, o.site_id, o.deleted_at IS NULL,
      setweight(public.search_words(w.text), 'B')
    FROM written AS w JOIN public.work_order AS o ON o.organization_id = w.organization_id AND o.id = w.aggregate_id;
  END IF;
  RETURN NULL;
END $$;

-- One row at a time, and only when what is searched changes: an edit of anything else does not come here.
CREATE FUNCTION keep_changed_words() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  said tsvector;
BEGIN
  IF TG_ARGV[0] = 'work_order' THEN
    said := setweight(public.search_words(concat_ws(' ', NEW.number, NEW.title)), 'A')
      || setweight(public.search_words(concat_ws(' ', NEW.description, NEW.asset_text)), 'B');
  ELSIF TG_ARGV[0] = 'asset' THEN
    said := setweight(public.search_words(concat_ws(' ', NEW.code, NEW.name)), 'A')
      || setweight(public.search_words(
        concat_ws(' ', NEW.serial, NEW.registration_number, NEW.manufacturer, NEW.model, NEW.notes)), 'B');
  ELSE
    said := CASE WHEN NEW.deleted_at IS NOT NULL THEN ''::tsvector
      ELSE setweight(public.search_words(concat_ws(' ', NEW.title, NEW.reference)), 'A')
        || setweight(public.search_words(coalesce(NEW.kept_at, '')), 'B') END;
    INSERT INTO public.search_entry AS s (organization_id, entity, id, aggregate_id, site_id, live, words)
    SELECT NEW.organization_id, TG_ARGV[0], NEW.id, NEW.aggregate_id, a.site_id, a.deleted_at IS NULL, said
    FROM public.asset AS a WHERE a.organization_id = NEW.organization_id AND a.id = NEW.aggregate_id
    ON CONFLICT (organization_id, entity, id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
  END IF;
  INSERT INTO public.search_entry AS s (organization_id, entity, id, aggregate_id, site_id, live, words)
  VALUES (NEW.organization_id, TG_ARGV[0], NEW.id, NEW.id, NEW.site_id, NEW.deleted_at IS NULL, said)
  ON CONFLICT (organization_id, entity, id) DO UPDATE
  SET site_id = excluded.site_id, live = excluded.live, words = excluded.words;
  IF (OLD.site_id, OLD.deleted_at IS NULL) IS DISTINCT FROM (NEW.site_id, NEW.deleted_at IS NULL) THEN
    UPDATE public.search_entry AS s SET site_id = NEW.site_id, live = NEW.deleted_at IS NULL
    WHERE s.organization_id = NEW.organization_id AND s.aggregate_id = NEW.id AND s.id <> NEW.id;
  END IF;
  RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION search_words(text), keep_new_words(), keep_changed_words() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_words(text) TO cmms_app_sync, cmms_worker, cmms_app_office;

CREATE TRIGGER keep_new_words AFTER INSERT ON work_order
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_new_words();
CREATE TRIGGER keep_new_words AFTER INSERT ON asset
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_new_words();
CREATE TRIGGER keep_new_words AFTER INSERT ON asset_document
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_new_words();
CREATE TRIGGER keep_new_words AFTER INSERT ON comment
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_new_words();

CREATE TRIGGER keep_changed_words
  AFTER UPDATE OF number, title, description, asset_text, site_id, deleted_at ON work_order FOR EACH ROW
  WHEN ((OLD.number, OLD.title, OLD.description, OLD.asset_text, OLD.site_id, OLD.deleted_at)
    IS DISTINCT FROM (NEW.number, NEW.title, NEW.description, NEW.asset_text, NEW.site_id, NEW.deleted_at))
  EXECUTE FUNCTION keep_changed_words('work_order');
CREATE TRIGGER keep_changed_words
  AFTER UPDATE OF code, name, serial, registration_number, manufacturer, model, notes, site_id, deleted_at ON asset
  FOR EACH ROW
  WHEN ((OLD.code, OLD.name, OLD.serial, OLD.registration_number, OLD.manufacturer, OLD.model, OLD.notes, OLD.site_id,
      OLD.deleted_at)
    IS DISTINCT FROM (NEW.code, NEW.name, NEW.serial, NEW.registration_number, NEW.manufacturer, NEW.model, NEW.notes,
      NEW.site_id, NEW.deleted_at))
  EXECUTE FUNCTION keep_changed_words('asset');
CREATE TRIGGER keep_changed_words
  AFTER UPDATE OF title, reference, kept_at, deleted_at ON asset_document FOR EACH ROW
  WHEN ((OLD.title, OLD.reference, OLD.kept_at, OLD.deleted_at)
    IS DISTINCT FROM (NEW.title, NEW.reference, NEW.kept_at, NEW.deleted_at))
  EXECUTE FUNCTION keep_changed_words('asset_document');

COMMENT ON FUNCTION search_words(text) IS 'The words of a text, as they are kept and as they are asked for.';
COMMENT ON FUNCTION keep_new_words() IS 'Keeps the words of new rows for the office to search.';
COMMENT ON FUNCTION keep_changed_words() IS 'Keeps the words of a changed row, and the site of all that hangs on it.';
