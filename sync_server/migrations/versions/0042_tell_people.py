"""Keep what people are told, one part a month.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0042
Follows: 0041. Runs beside the release before, which tells nobody anything.
"""

from pathlib import Path

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
STRANGE = "NEW.sync_seq IS DISTINCT FROM nullif(current_setting('app.commit_seq', true), '')::bigint"
MOVED = (
    "(OLD.organization_id, OLD.id, OLD.aggregate_id) IS DISTINCT FROM (NEW.organization_id, NEW.id, NEW.aggregate_id)"
)

AROUND = f"""
CREATE TRIGGER guard_insert AFTER INSERT ON notification FOR EACH ROW
  WHEN ({STRANGE}) EXECUTE FUNCTION guard_row();
CREATE TRIGGER guard_update BEFORE UPDATE ON notification FOR EACH ROW
  WHEN ({STRANGE} OR {MOVED}) EXECUTE FUNCTION guard_row();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON notification
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
ALTER TABLE notification ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON notification USING ({RULE}) WITH CHECK ({RULE});
CREATE POLICY site_only ON notification AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  site_id = ANY ((SELECT string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT ON notification TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE ON notification TO cmms_app_sync, cmms_worker;
"""

DROP_MONTHS = """
DO $$
DECLARE
  month record;
BEGIN
  DROP TABLE notification;
  FOR month IN
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname ~ '^notification_[0-9]{4}_[0-9]{2}$'
  LOOP
    EXECUTE format('DROP TABLE %I', month.relname);
  END LOOP;
END $$
"""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    _run(AROUND)
    for name in ("meanings", "months"):
        _run((STATEMENTS / f"{name}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run("DROP FUNCTION make_notification_months(integer), detach_notification_months(integer)")
    _run(DROP_MONTHS)


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
