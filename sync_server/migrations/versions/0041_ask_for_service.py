"""Keep what people ask the office for, and, apart from it, who asked without an account.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0041
Follows: 0040. Runs beside the release before, which knows neither table.
"""

from pathlib import Path

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
STRANGE = "NEW.sync_seq IS DISTINCT FROM nullif(current_setting('app.commit_seq', true), '')::bigint"
MOVED = (
    "(OLD.organization_id, OLD.id, OLD.aggregate_id) IS DISTINCT FROM (NEW.organization_id, NEW.id, NEW.aggregate_id)"
)

AROUND_REQUESTS = f"""
CREATE TRIGGER guard_insert AFTER INSERT ON service_request FOR EACH ROW
  WHEN ({STRANGE}) EXECUTE FUNCTION guard_row();
CREATE TRIGGER guard_update BEFORE UPDATE ON service_request FOR EACH ROW
  WHEN ({STRANGE} OR {MOVED}) EXECUTE FUNCTION guard_row();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON service_request
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
ALTER TABLE service_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE service_request FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON service_request USING ({RULE}) WITH CHECK ({RULE});
CREATE POLICY site_only ON service_request AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  site_id = ANY ((SELECT string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT ON service_request TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE ON service_request TO cmms_app_sync, cmms_worker;
"""
AROUND_REQUESTERS = f"""
ALTER TABLE service_requester ENABLE ROW LEVEL SECURITY;
ALTER TABLE service_requester FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON service_requester USING ({RULE}) WITH CHECK ({RULE});
GRANT INSERT ON service_requester TO cmms_app_sync;
GRANT SELECT, UPDATE ON service_requester TO cmms_authn;
GRANT SELECT ON service_requester TO cmms_backup;
"""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    _run(AROUND_REQUESTS)
    _run(AROUND_REQUESTERS)
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE service_requester, service_request")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
