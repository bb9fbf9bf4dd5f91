"""Say in the database what every table, column and function means.

The texts lie in the folder of the same name. The folder belongs to this revision alone and never changes. A comment
locks its table against other changes of the schema and against vacuum, not against reading or writing.

Revision: 0011
Follows: 0010
"""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")

SAY_NOTHING_OF_TABLES = """
DO $$
DECLARE
  said record;
BEGIN
  FOR said IN
    SELECT c.oid::regclass::text AS name, quote_ident(a.attname) AS attname
    FROM pg_description AS d JOIN pg_class AS c ON c.oid = d.objoid
    LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
    WHERE d.classoid = 'pg_class'::regclass AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  LOOP
    IF said.attname IS NULL THEN
      EXECUTE 'COMMENT ON TABLE ' || said.name || ' IS NULL';
    ELSE
      EXECUTE 'COMMENT ON COLUMN ' || said.name || '.' || said.attname || ' IS NULL';
    END IF;
  END LOOP;
END $$
"""

SAY_NOTHING_OF_FUNCTIONS = """
DO $$
DECLARE
  said record;
BEGIN
  FOR said IN
    SELECT p.oid::regprocedure::text AS name FROM pg_description AS d JOIN pg_proc AS p ON p.oid = d.objoid
    WHERE d.classoid = 'pg_proc'::regclass AND p.pronamespace = 'public'::regnamespace
      AND p.proowner::regrole::text = current_user
  LOOP
    EXECUTE 'COMMENT ON FUNCTION ' || said.name || ' IS NULL';
  END LOOP;
END $$
"""


def upgrade() -> None:
    _run_file("tables")
    _run_file("functions")
    _run("SET LOCAL ROLE cmms_resolver")
    _run_file("resolver")
    _run("SET LOCAL ROLE cmms_owner")


def downgrade() -> None:
    _run("SET LOCAL ROLE cmms_resolver")
    _run(SAY_NOTHING_OF_FUNCTIONS)
    _run("SET LOCAL ROLE cmms_owner")
    _run(SAY_NOTHING_OF_FUNCTIONS)
    _run(SAY_NOTHING_OF_TABLES)


def _run_file(name: str) -> None:
    _run((STATEMENTS / f"{name}.sql").read_text(encoding="utf-8"))


def _run(statements: str) -> None:
    """Run statements as they stand: no placeholder is looked for in them."""
    op.get_bind().exec_driver_sql(statements)
