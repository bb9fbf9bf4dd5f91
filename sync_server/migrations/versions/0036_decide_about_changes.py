"""Keep change requests with what they reach, and decisions about them that are only ever added to.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes. Runs
beside the previous release, which knows none of the tables.

Revision: 0036
Follows: 0035
"""

from pathlib import Path

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
TABLES = ("change_request", "change_impact", "change_approval")

AROUND = """
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON {table} USING ({rule}) WITH CHECK ({rule});
GRANT SELECT ON {table} TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT ON {table} TO cmms_app_sync;
"""

OF_EACH = """
GRANT UPDATE ON change_request, change_impact TO cmms_app_sync;
CREATE POLICY site_only ON change_impact AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  asset_id IS NULL OR EXISTS (
    SELECT FROM asset AS r WHERE r.organization_id = change_impact.organization_id AND r.id = change_impact.asset_id));
CREATE TRIGGER guard_record BEFORE UPDATE ON change_approval FOR EACH ROW EXECUTE FUNCTION guard_record();
CREATE TRIGGER guard_record BEFORE UPDATE ON change_request FOR EACH ROW WHEN (
  OLD.state <> 'draft' AND (OLD.organization_id, OLD.id, OLD.title, OLD.reason, OLD.needed_approvals, OLD.created_by)
    IS DISTINCT FROM (NEW.organization_id, NEW.id, NEW.title, NEW.reason, NEW.needed_approvals, NEW.created_by)
  OR OLD.state IN ('rejected', 'withdrawn', 'carried_out') AND NEW.state <> OLD.state
  OR NEW.round < OLD.round
) EXECUTE FUNCTION guard_record()
"""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    for table in TABLES:
        _run(AROUND.format(table=table, rule=RULE))
    _run(OF_EACH)
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE change_approval, change_impact, change_request")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
