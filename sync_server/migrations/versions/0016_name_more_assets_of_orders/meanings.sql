-- What tables and columns meant when this revision was made; drawn from the declarations, and frozen.

COMMENT ON TABLE work_order_asset IS 'A further asset that an order is about, beside the one that it names itself.';
COMMENT ON COLUMN work_order_asset.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN work_order_asset.id IS 'Given by whoever makes the row, offline too; the same everywhere, for ever.';
COMMENT ON COLUMN work_order_asset.aggregate_id IS 'Id of the root of the aggregate. Never changes: a move is a delete and a create.';
COMMENT ON COLUMN work_order_asset.version IS 'Number of commits that wrote this row; 0 on a device that has not sent it yet.';
COMMENT ON COLUMN work_order_asset.sync_seq IS 'Clock of the last commit that wrote this row.';
COMMENT ON COLUMN work_order_asset.row_hash IS 'First 8 bytes of BLAKE2b(entity, id, nonce of that commit), signed: differs between forks.';
COMMENT ON COLUMN work_order_asset.created_at IS 'When the server saved the row first, by its own clock; a device that has not sent it yet: by the device''s.';
COMMENT ON COLUMN work_order_asset.created_by IS 'Person who made it. NULL: an import or the server.';
COMMENT ON COLUMN work_order_asset.updated_at IS 'When the row was written last, by the same clock as `created_at`.';
COMMENT ON COLUMN work_order_asset.updated_by IS 'Person who changed it last. NULL: an import or the server.';
COMMENT ON COLUMN work_order_asset.deleted_at IS 'Since when the row is deleted; it stays, and can be restored. NULL: it is there.';
COMMENT ON COLUMN work_order_asset.work_order_id IS 'The order.';
COMMENT ON COLUMN work_order_asset.asset_id IS 'The asset. Two rows may name one: two people who scanned it meet nowhere before the server.';
COMMENT ON COLUMN work_order_asset.position IS 'Its place among the order''s further assets, smallest first; need not be unique.';
COMMENT ON COLUMN work_order_asset.note IS 'What is to be done or was seen there. NULL: the same as on the others.';
