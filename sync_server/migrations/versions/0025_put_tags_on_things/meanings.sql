-- What tables and columns meant when this revision was made; drawn from the declarations, and frozen.

COMMENT ON TABLE tag IS 'A word that an organization marks things with.';
COMMENT ON COLUMN tag.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN tag.id IS 'Given by whoever makes the row, offline too; the same everywhere, for ever.';
COMMENT ON COLUMN tag.aggregate_id IS 'Id of the root of the aggregate. Never changes: a move is a delete and a create.';
COMMENT ON COLUMN tag.version IS 'Number of commits that wrote this row; 0 on a device that has not sent it yet.';
COMMENT ON COLUMN tag.sync_seq IS 'Clock of the last commit that wrote this row.';
COMMENT ON COLUMN tag.row_hash IS 'First 8 bytes of BLAKE2b(entity, id, nonce of that commit), signed: differs between forks.';
COMMENT ON COLUMN tag.created_at IS 'When the server saved the row first, by its own clock; a device that has not sent it yet: by the device''s.';
COMMENT ON COLUMN tag.created_by IS 'Person who made it. NULL: an import or the server.';
COMMENT ON COLUMN tag.updated_at IS 'When the row was written last, by the same clock as `created_at`.';
COMMENT ON COLUMN tag.updated_by IS 'Person who changed it last. NULL: an import or the server.';
COMMENT ON COLUMN tag.deleted_at IS 'Since when the row is deleted; it stays, and can be restored. NULL: it is there.';
COMMENT ON COLUMN tag.name IS 'The word. Two tags with one word stay two: see `code_conflict`; lists take them for one.';
COMMENT ON COLUMN tag.meaning IS 'When it is used. NULL: the word says it.';
COMMENT ON COLUMN tag.code_conflict IS 'Another live tag has this word.';

COMMENT ON TABLE entity_tag IS 'A tag on one thing. Its id follows from both: put on twice it is there once (rules/attaching.py).';
COMMENT ON COLUMN entity_tag.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN entity_tag.id IS 'Given by whoever makes the row, offline too; the same everywhere, for ever.';
COMMENT ON COLUMN entity_tag.aggregate_id IS 'Id of the root of the aggregate. Never changes: a move is a delete and a create.';
COMMENT ON COLUMN entity_tag.version IS 'Number of commits that wrote this row; 0 on a device that has not sent it yet.';
COMMENT ON COLUMN entity_tag.sync_seq IS 'Clock of the last commit that wrote this row.';
COMMENT ON COLUMN entity_tag.row_hash IS 'First 8 bytes of BLAKE2b(entity, id, nonce of that commit), signed: differs between forks.';
COMMENT ON COLUMN entity_tag.created_at IS 'When the server saved the row first, by its own clock; a device that has not sent it yet: by the device''s.';
COMMENT ON COLUMN entity_tag.created_by IS 'Person who made it. NULL: an import or the server.';
COMMENT ON COLUMN entity_tag.updated_at IS 'When the row was written last, by the same clock as `created_at`.';
COMMENT ON COLUMN entity_tag.updated_by IS 'Person who changed it last. NULL: an import or the server.';
COMMENT ON COLUMN entity_tag.deleted_at IS 'Since when the row is deleted; it stays, and can be restored. NULL: it is there.';
COMMENT ON COLUMN entity_tag.tag_id IS 'The tag.';
COMMENT ON COLUMN entity_tag.work_order_id IS 'Order that it is on. NULL: it is on something else.';
COMMENT ON COLUMN entity_tag.asset_id IS 'Asset that it is on. NULL: it is on something else.';
