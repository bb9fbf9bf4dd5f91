CREATE TABLE search_entry (
  organization_id uuid NOT NULL,
  entity text NOT NULL,
  id uuid NOT NULL,
  aggregate_id uuid NOT NULL,
  site_id uuid NOT NULL,
  live boolean NOT NULL,
  words tsvector NOT NULL,
  CONSTRAINT pk_search_entry PRIMARY KEY (organization_id, entity, id),
  CONSTRAINT ck_search_entry_entity CHECK (entity IN ('work_order', 'asset', 'asset_document', 'comment'))
);

-- What waits in the index's list is looked through by every search, and is put away by whoever makes it too long:
-- a short one keeps both short.
CREATE INDEX ix_search_entry_words ON search_entry USING gin (organization_id, words)
  WITH (gin_pending_list_limit = 256);
CREATE INDEX ix_search_entry_aggregate_id ON search_entry (organization_id, aggregate_id);

ALTER TABLE search_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON search_entry
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY site_only ON search_entry AS RESTRICTIVE FOR SELECT TO cmms_app_office
  USING (site_id = ANY (string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[]));
-- The office sees only what it asks for, and because the question is a policy PostgreSQL may look it up in the index:
-- an operator that is not leakproof never goes into an index behind row security, but as its first policy it does.
-- Restrictive policies are asked by name; this one has to come first.
CREATE POLICY asked_only ON search_entry AS RESTRICTIVE FOR SELECT TO cmms_app_office
  USING (words @@ (nullif(current_setting('app.search', true), ''))::tsquery);

GRANT SELECT ON search_entry TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE ON search_entry TO cmms_app_sync, cmms_worker;

COMMENT ON TABLE search_entry IS 'The words of a row that the office can search; written by triggers, in the commit of the row.';
COMMENT ON COLUMN search_entry.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN search_entry.entity IS 'Entity of the row whose words these are.';
COMMENT ON COLUMN search_entry.id IS 'Id of that row.';
COMMENT ON COLUMN search_entry.aggregate_id IS 'Order or asset that it is of.';
COMMENT ON COLUMN search_entry.site_id IS 'Site of that order or asset; decides who finds it.';
COMMENT ON COLUMN search_entry.live IS 'Whether that order or asset is there; it is false while that is deleted.';
COMMENT ON COLUMN search_entry.words IS 'Words with their weight: A number, code and title, B all else. Empty while the row is deleted.';
