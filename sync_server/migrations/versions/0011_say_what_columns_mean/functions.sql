-- Functions of the owner, and the tables that no declaration describes.

COMMENT ON FUNCTION guard_insert() IS 'Refuses rows that were not stamped by the commit under way.';
COMMENT ON FUNCTION guard_update() IS 'Refuses changes outside of a commit, and of an id or aggregate.';
COMMENT ON FUNCTION guard_removal() IS 'Refuses that a synced row is removed: it gets deleted_at, and stays.';
COMMENT ON FUNCTION check_stock_level() IS 'At the end of a commit: a level is the sum of its movements.';
COMMENT ON FUNCTION guard_stock_level() IS 'Refuses that a level becomes that of another part or place.';

COMMENT ON TABLE alembic_version IS 'The revision that the schema stands at; written by migrations only.';
COMMENT ON TABLE work_order_p0 IS 'Part of work_order: organizations by hash, 0 of 4.';
COMMENT ON TABLE work_order_p1 IS 'Part of work_order: organizations by hash, 1 of 4.';
COMMENT ON TABLE work_order_p2 IS 'Part of work_order: organizations by hash, 2 of 4.';
COMMENT ON TABLE work_order_p3 IS 'Part of work_order: organizations by hash, 3 of 4.';
