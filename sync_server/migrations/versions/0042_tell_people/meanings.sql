-- What tables and columns meant when this revision was made; drawn from the declarations, and frozen.

COMMENT ON TABLE notification IS 'One thing told to one person, who alone has it on his devices and says that he has read it.';
COMMENT ON COLUMN notification.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN notification.id IS 'Given by whoever makes the row, offline too; the same everywhere, for ever.';
COMMENT ON COLUMN notification.aggregate_id IS 'Id of the root of the aggregate. Never changes: a move is a delete and a create.';
COMMENT ON COLUMN notification.version IS 'Number of commits that wrote this row; 0 on a device that has not sent it yet.';
COMMENT ON COLUMN notification.sync_seq IS 'Clock of the last commit that wrote this row.';
COMMENT ON COLUMN notification.row_hash IS 'First 8 bytes of BLAKE2b(entity, id, nonce of that commit), signed: differs between forks.';
COMMENT ON COLUMN notification.created_at IS 'When the server saved the row first, by its own clock; a device that has not sent it yet: by the device''s.';
COMMENT ON COLUMN notification.created_by IS 'Person who made it. NULL: an import or the server.';
COMMENT ON COLUMN notification.updated_at IS 'When the row was written last, by the same clock as `created_at`.';
COMMENT ON COLUMN notification.updated_by IS 'Person who changed it last. NULL: an import or the server.';
COMMENT ON COLUMN notification.deleted_at IS 'Since when the row is deleted; it stays, and can be restored. NULL: it is there.';
COMMENT ON COLUMN notification.person_id IS 'Who is told.';
COMMENT ON COLUMN notification.site_id IS 'Where that is which it tells of. NULL: at no site.';
COMMENT ON COLUMN notification.kind IS 'What has happened.';
COMMENT ON COLUMN notification.subject IS 'Entity of what it is about.';
COMMENT ON COLUMN notification.subject_id IS 'Id of that; it may have left the device.';
COMMENT ON COLUMN notification.title IS 'What it is about, as it was called then: number and title of the order, code of the asset.';
COMMENT ON COLUMN notification.detail IS 'What is said to it: a reason, a reading, a last day. NULL: the kind says it all.';
COMMENT ON COLUMN notification.received_on IS 'Day on which it was written, UTC; the part it lies in.';
COMMENT ON COLUMN notification.read_at IS 'When its person read it first, by the device''s clock. NULL: not yet.';
