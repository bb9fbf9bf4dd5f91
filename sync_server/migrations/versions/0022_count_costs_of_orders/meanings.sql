-- What tables and columns meant when this revision was made; drawn from the declarations, and frozen.

COMMENT ON TABLE work_order_cost IS 'One amount that an order cost. Its author sees it, and the office of the site; nobody else who has the order. Entered and taken back, never changed: a correction is a new line.';
COMMENT ON COLUMN work_order_cost.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN work_order_cost.id IS 'Given by whoever makes the row, offline too; the same everywhere, for ever.';
COMMENT ON COLUMN work_order_cost.aggregate_id IS 'Id of the root of the aggregate. Never changes: a move is a delete and a create.';
COMMENT ON COLUMN work_order_cost.version IS 'Number of commits that wrote this row; 0 on a device that has not sent it yet.';
COMMENT ON COLUMN work_order_cost.sync_seq IS 'Clock of the last commit that wrote this row.';
COMMENT ON COLUMN work_order_cost.row_hash IS 'First 8 bytes of BLAKE2b(entity, id, nonce of that commit), signed: differs between forks.';
COMMENT ON COLUMN work_order_cost.created_at IS 'When the server saved the row first, by its own clock; a device that has not sent it yet: by the device''s.';
COMMENT ON COLUMN work_order_cost.created_by IS 'Person who made it. NULL: an import or the server.';
COMMENT ON COLUMN work_order_cost.updated_at IS 'When the row was written last, by the same clock as `created_at`.';
COMMENT ON COLUMN work_order_cost.updated_by IS 'Person who changed it last. NULL: an import or the server.';
COMMENT ON COLUMN work_order_cost.deleted_at IS 'Since when the row is deleted; it stays, and can be restored. NULL: it is there.';
COMMENT ON COLUMN work_order_cost.work_order_id IS 'Order that it was for.';
COMMENT ON COLUMN work_order_cost.site_id IS 'Where it arose: the order''s site when it was entered; decides whose office sees it, also when the order moves.';
COMMENT ON COLUMN work_order_cost.kind IS 'What it was for.';
COMMENT ON COLUMN work_order_cost.amount_minor IS 'How much, in the smallest unit of the currency (cents of EUR, whole JPY).';
COMMENT ON COLUMN work_order_cost.currency IS 'Its code by ISO 4217.';
COMMENT ON COLUMN work_order_cost.note IS 'What it was paid for. NULL: the kind says it all.';
