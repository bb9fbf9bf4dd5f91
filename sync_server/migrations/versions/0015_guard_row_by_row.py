"""Guard each row as it is written, instead of comparing all rows of a statement afterwards.

What makes a row wrong stands in the triggers' conditions, which PostgreSQL asks without calling anything: a statement
of 500 rows copied them aside twice before, and compared the copies.

Revision: 0015
Follows: 0014. Runs beside the release before, which notices nothing of it.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OF_THIS_COMMIT = "nullif(current_setting('app.commit_seq', true), '')::bigint"
FOREIGN = f"NEW.sync_seq IS DISTINCT FROM {OF_THIS_COMMIT}"
MOVED = (
    "(OLD.organization_id, OLD.id, OLD.aggregate_id) IS DISTINCT FROM (NEW.organization_id, NEW.id, NEW.aggregate_id)"
)

ROW_BY_ROW = f"""
CREATE OR REPLACE FUNCTION guard_insert() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' was written outside of a unit of work';
END $$;

CREATE OR REPLACE FUNCTION guard_update() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF {FOREIGN} THEN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' was written outside of a unit of work';
  END IF;
  RAISE EXCEPTION USING MESSAGE = 'a row of ' || TG_TABLE_NAME || ' would change its id or aggregate';
END $$;
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
"""

GUARDED = """
SELECT c.oid::regclass::text FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE t.tgname = 'guard_update' AND NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY 1
"""


def upgrade() -> None:
    _run(ROW_BY_ROW)
    for table in _guarded():
        _run(f"""
            DROP TRIGGER guard_insert ON {table};
            DROP TRIGGER guard_update ON {table};
            CREATE TRIGGER guard_insert AFTER INSERT ON {table} FOR EACH ROW
              WHEN ({FOREIGN}) EXECUTE FUNCTION guard_insert();
            CREATE TRIGGER guard_update BEFORE UPDATE ON {table} FOR EACH ROW
              WHEN ({FOREIGN} OR {MOVED}) EXECUTE FUNCTION guard_update();
        """)


def downgrade() -> None:
    _run(STATEMENT_BY_STATEMENT)
    for table in _guarded():
        _run(f"""
            DROP TRIGGER guard_insert ON {table};
            DROP TRIGGER guard_update ON {table};
            CREATE TRIGGER guard_insert AFTER INSERT ON {table}
              REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert();
            CREATE TRIGGER guard_update AFTER UPDATE ON {table}
              REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_update();
        """)


def _guarded() -> list[str]:
    """Give the tables that are guarded, as they stand at this revision."""
    return [name for (name,) in op.get_bind().exec_driver_sql(GUARDED)]


def _run(statements: str) -> None:
    op.get_bind().exec_driver_sql(statements)
