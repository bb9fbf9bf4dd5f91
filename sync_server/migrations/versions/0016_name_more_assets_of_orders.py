"""Let an order name more assets than one, and a checklist the one that it is about.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0016
Follows: 0015. Runs beside the release before, which knows neither the table nor the column.
"""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"

AROUND = f"""
CREATE TRIGGER guard_insert AFTER INSERT ON work_order_asset
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert();
CREATE TRIGGER guard_update AFTER UPDATE ON work_order_asset
  REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_update();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON work_order_asset
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
ALTER TABLE work_order_asset ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_order_asset FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON work_order_asset USING ({RULE}) WITH CHECK ({RULE});
CREATE POLICY site_only ON work_order_asset AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  EXISTS (SELECT FROM work_order AS r
    WHERE r.organization_id = work_order_asset.organization_id AND r.id = work_order_asset.aggregate_id));
GRANT SELECT ON work_order_asset TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE ON work_order_asset TO cmms_app_sync, cmms_worker
"""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    _run(AROUND)
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))
    # last, and without looking at the rows (0017 does): nobody writes a checklist from here to the end
    op.execute("ALTER TABLE checklist ADD COLUMN asset_id uuid")
    op.execute(
        "ALTER TABLE checklist ADD CONSTRAINT fk_checklist_asset_id FOREIGN KEY (organization_id, asset_id)"
        " REFERENCES asset (organization_id, id) DEFERRABLE NOT VALID"
    )
    op.execute(
        "COMMENT ON COLUMN checklist.asset_id IS 'The one of the order''s assets that its items are about."
        " NULL: they are about the order as a whole.'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE checklist DROP COLUMN asset_id")
    op.execute("DROP TABLE work_order_asset")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
