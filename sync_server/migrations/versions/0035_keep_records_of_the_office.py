"""Keep projects, controlled documents, and procedures with what came of them, for the office.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes. Runs
beside the previous release, which knows none of the tables.

Revision: 0035
Follows: 0034
"""

from pathlib import Path

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
TABLES = (
    *("project", "project_work_order", "controlled_document", "document_version", "document_relation"),
    *("inspection_procedure", "procedure_version", "procedure_execution"),
)

AROUND = """
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON {table} USING ({rule}) WITH CHECK ({rule});
GRANT SELECT ON {table} TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE ON {table} TO cmms_app_sync;
"""

OF_SITES = """
CREATE POLICY site_only ON {table} AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = {table}.organization_id AND r.id = {table}.{root}_id))
"""

APPROVED = """
CREATE TRIGGER guard_record BEFORE UPDATE ON {table} FOR EACH ROW WHEN (
  OLD.state <> 'draft' AND ({old}) IS DISTINCT FROM ({new})
  OR OLD.approved_at IS NOT NULL
    AND (OLD.approved_by, OLD.approved_at) IS DISTINCT FROM (NEW.approved_by, NEW.approved_at)
  OR OLD.state = 'approved' AND NEW.state NOT IN ('approved', 'withdrawn')
  OR OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn'
) EXECUTE FUNCTION guard_record()
"""

WRITTEN = {
    "document_version": ("document_id", "sha256", "file_name"),
    "procedure_version": ("procedure_id", "steps"),
}

ENDED = """
CREATE TRIGGER guard_record BEFORE UPDATE ON procedure_execution FOR EACH ROW WHEN (OLD.state <> 'running')
  EXECUTE FUNCTION guard_record()
"""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    for table in TABLES:
        _run(AROUND.format(table=table, rule=RULE))
    for table, root in (("project_work_order", "work_order"), ("procedure_execution", "asset")):
        _run(OF_SITES.format(table=table, root=root))
    for table, own in WRITTEN.items():
        columns = ("organization_id", "id", "number", *own, "change_note", "created_by", "created_at")
        old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("OLD", "NEW"))
        _run(APPROVED.format(table=table, old=old, new=new))
    _run(ENDED)
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE procedure_execution, procedure_version, inspection_procedure")
    op.execute("DROP TABLE project_work_order, project, document_relation, document_version, controlled_document")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
