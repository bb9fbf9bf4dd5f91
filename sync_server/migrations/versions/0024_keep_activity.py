"""Keep what was done that has to be proved later: a chain of lines for each organization, one part a month.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0024
Follows: 0023. Runs beside the release before, which writes no lines.
"""

from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")

DROP_MONTHS = """
DO $$
DECLARE
  month record;
BEGIN
  DROP TABLE activity_log, activity_value, activity_head;
  FOR month IN
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname ~ '^activity_log_[0-9]{4}_[0-9]{2}$'
  LOOP
    EXECUTE format('DROP TABLE %I', month.relname);
  END LOOP;
END $$
"""


def upgrade() -> None:
    for name in ("tables", "meanings", "writing", "months"):
        _run((STATEMENTS / f"{name}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run("DROP FUNCTION append_activity(json), forget_activity(uuid)")
    _run("DROP FUNCTION make_activity_months(integer), detach_activity_months(integer)")
    _run(DROP_MONTHS)
    _run("DROP FUNCTION guard_record()")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
