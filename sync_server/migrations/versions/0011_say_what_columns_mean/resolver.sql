-- Functions that look past a tenant; owned by cmms_resolver.

COMMENT ON FUNCTION organization_by_slug(text) IS 'Which organization signs in under a slug; NULL: none.';
COMMENT ON FUNCTION organization_by_domain(text) IS 'Which organization has a mail domain; NULL: none.';
COMMENT ON FUNCTION organization_clocks() IS 'How far the clock of every organization has come: for pokes, and after a restore.';
COMMENT ON FUNCTION organization_ids() IS 'Every organization: for routines, which then work in one at a time.';
