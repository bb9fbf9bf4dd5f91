-- What tables and columns meant when this revision was made; drawn from the declarations, and frozen.

COMMENT ON TABLE calendar_event IS 'Something on the calendar of a person or of everybody in a team, never both; they alone have it on devices.';
COMMENT ON COLUMN calendar_event.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN calendar_event.id IS 'Given by whoever makes the row, offline too; the same everywhere, for ever.';
COMMENT ON COLUMN calendar_event.aggregate_id IS 'Id of the root of the aggregate. Never changes: a move is a delete and a create.';
COMMENT ON COLUMN calendar_event.version IS 'Number of commits that wrote this row; 0 on a device that has not sent it yet.';
COMMENT ON COLUMN calendar_event.sync_seq IS 'Clock of the last commit that wrote this row.';
COMMENT ON COLUMN calendar_event.row_hash IS 'First 8 bytes of BLAKE2b(entity, id, nonce of that commit), signed: differs between forks.';
COMMENT ON COLUMN calendar_event.created_at IS 'When the server saved the row first, by its own clock; a device that has not sent it yet: by the device''s.';
COMMENT ON COLUMN calendar_event.created_by IS 'Person who made it. NULL: an import or the server.';
COMMENT ON COLUMN calendar_event.updated_at IS 'When the row was written last, by the same clock as `created_at`.';
COMMENT ON COLUMN calendar_event.updated_by IS 'Person who changed it last. NULL: an import or the server.';
COMMENT ON COLUMN calendar_event.deleted_at IS 'Since when the row is deleted; it stays, and can be restored. NULL: it is there.';
COMMENT ON COLUMN calendar_event.person_id IS 'Whom it concerns. NULL: a team.';
COMMENT ON COLUMN calendar_event.team_id IS 'The team that it concerns, whoever is in it. NULL: a person.';
COMMENT ON COLUMN calendar_event.site_id IS 'Site whose office plans it; decides who of the office may see and change it.';
COMMENT ON COLUMN calendar_event.kind IS 'What sort of thing it is.';
COMMENT ON COLUMN calendar_event.title IS 'What it is, in one line.';
COMMENT ON COLUMN calendar_event.begins_at IS 'When it begins, UTC.';
COMMENT ON COLUMN calendar_event.ends_at IS 'When it is over, UTC; always after it began.';
