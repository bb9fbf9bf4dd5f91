"""Guard each row as it is written, instead of comparing all rows of a statement afterwards.

What makes a row wrong stands in the triggers' conditions, which PostgreSQL asks without calling anything: a statement
of 500 rows copied them aside twice before, and compared the copies. One table after the other, each in a transaction
of its own; ended half-way it goes on with those that are left.

Revision: 0032
Follows: 0031. Runs beside the release before, which notices nothing of it.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

OF_THIS_COMMIT = "nullif(current_setting('app.commit_seq', true), '')::bigint"
STRANGE = f"NEW.sync_seq IS DISTINCT FROM {OF_THIS_COMMIT}"
MOVED = (
    "(OLD.organization_id, OLD.id, OLD.aggregate_id) IS DISTINCT FROM (NEW.organization_id, NEW.id, NEW.aggregate_id)"
)

ROW_BY_ROW = f"""
CREATE OR REPLACE FUNCTION guard_row() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF {STRANGE} THEN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' was written outside of a unit of work';
  END IF;
  RAISE EXCEPTION USING MESSAGE = 'a row of ' || TG_TABLE_NAME || ' would change its id or aggregate';
END $$;
REVOKE EXECUTE ON FUNCTION guard_row() FROM PUBLIC;
COMMENT ON FUNCTION guard_row() IS
  'Refuses a row that the commit under way did not stamp, or that would change its id, aggregate or organization.';
"""

STATEMENT_BY_STATEMENT = f"""
CREATE OR REPLACE FUNCTION guard_insert() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  commit_seq bigint := {OF_THIS_COMMIT};
BEGIN
  IF EXISTS (SELECT FROM written WHERE sync_seq IS DISTINCT FROM commit_seq) THEN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' was written outside of a unit of work';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION guard_update() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  commit_seq bigint := {OF_THIS_COMMIT};
BEGIN
  IF EXISTS (SELECT FROM written WHERE sync_seq IS DISTINCT FROM commit_seq) THEN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' was written outside of a unit of work';
  END IF;
  IF EXISTS (
    SELECT organization_id, id, aggregate_id FROM written EXCEPT SELECT organization_id, id, aggregate_id FROM replaced
  ) THEN
    RAISE EXCEPTION USING MESSAGE = 'a row of ' || TG_TABLE_NAME || ' would change its id or aggregate';
  END IF;
  RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION guard_insert(), guard_update() FROM PUBLIC;
COMMENT ON FUNCTION guard_insert() IS 'Refuses rows that were not stamped by the commit under way.';
COMMENT ON FUNCTION guard_update() IS 'Refuses changes outside of a commit, and of an id or aggregate.';
"""

GUARDED = """
SELECT c.oid::regclass::text FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE t.tgname = 'guard_update' AND t.tgparentid = 0 AND t.tgtype & 1 = {} ORDER BY 1
"""
"""Tables whose rows are guarded one by one (1) or a statement at once (0)."""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _run(ROW_BY_ROW)
        for table in _guarded(row_by_row=False):
            _run(f"""
                DROP TRIGGER guard_insert ON {table};
                DROP TRIGGER guard_update ON {table};
                CREATE TRIGGER guard_insert AFTER INSERT ON {table} FOR EACH ROW
                  WHEN ({STRANGE}) EXECUTE FUNCTION guard_row();
                CREATE TRIGGER guard_update BEFORE UPDATE ON {table} FOR EACH ROW
                  WHEN ({STRANGE} OR {MOVED}) EXECUTE FUNCTION guard_row();
            """)
        _run("DROP FUNCTION IF EXISTS guard_insert(), guard_update()")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _run(STATEMENT_BY_STATEMENT)
        for table in _guarded(row_by_row=True):
            _run(f"""
                DROP TRIGGER guard_insert ON {table};
                DROP TRIGGER guard_update ON {table};
                CREATE TRIGGER guard_insert AFTER INSERT ON {table}
                  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert();
                CREATE TRIGGER guard_update AFTER UPDATE ON {table}
                  REFERENCING OLD TABLE AS replaced NEW TABLE AS written
                  FOR EACH STATEMENT EXECUTE FUNCTION guard_update();
            """)
        _run("DROP FUNCTION IF EXISTS guard_row()")


def _guarded(*, row_by_row: bool) -> list[str]:
    """Give the tables that are guarded in one of the two ways as they stand."""
    return [name for (name,) in op.get_bind().exec_driver_sql(GUARDED.format(int(row_by_row)))]


def _run(statements: str) -> None:
    """Run statements together: all of them or none."""
    op.get_bind().exec_driver_sql(statements)
