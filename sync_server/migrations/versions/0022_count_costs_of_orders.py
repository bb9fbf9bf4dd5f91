"""Count what orders cost, line by line.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0022
Follows: 0021. Runs beside the release before, which does not know the table.
"""

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"

AROUND = f"""
CREATE TRIGGER guard_insert AFTER INSERT ON work_order_cost
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert();
CREATE TRIGGER guard_update AFTER UPDATE ON work_order_cost
  REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_update();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON work_order_cost
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
ALTER TABLE work_order_cost ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_order_cost FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON work_order_cost USING ({RULE}) WITH CHECK ({RULE});
CREATE POLICY site_only ON work_order_cost AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  site_id = ANY ((SELECT string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT ON work_order_cost TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE ON work_order_cost TO cmms_app_sync, cmms_worker
"""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    _run(AROUND)
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE work_order_cost")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
