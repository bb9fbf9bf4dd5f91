"""Add meters to assets, and the history of their readings, one part a month.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0012
Follows: 0011. Runs beside the release before, which knows neither table.
"""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")

DROP_MONTHS = """
DO $$
DECLARE
  month record;
BEGIN
  DROP TABLE meter_reading;
  FOR month IN
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname ~ '^meter_reading_[0-9]{4}_[0-9]{2}$'
  LOOP
    EXECUTE format('DROP TABLE %I', month.relname);
  END LOOP;
END $$
"""


def upgrade() -> None:
    for name in ("tables", "meanings", "months"):
        _run((STATEMENTS / f"{name}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run("DROP FUNCTION make_reading_months(integer), detach_reading_months(integer)")
    _run(DROP_MONTHS)
    _run("DROP TABLE meter")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
