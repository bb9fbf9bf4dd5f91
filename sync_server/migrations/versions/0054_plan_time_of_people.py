"""Keep what is on the calendars of people and teams.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0054
Follows: 0053. Runs beside the release before, which plans nobody's time.
"""

import re
from pathlib import Path

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
STRANGE = "NEW.sync_seq IS DISTINCT FROM nullif(current_setting('app.commit_seq', true), '')::bigint"
MOVED = (
    "(OLD.organization_id, OLD.id, OLD.aggregate_id) IS DISTINCT FROM (NEW.organization_id, NEW.id, NEW.aggregate_id)"
)
AROUND = f"""
CREATE TRIGGER guard_insert AFTER INSERT ON calendar_event FOR EACH ROW
  WHEN ({STRANGE}) EXECUTE FUNCTION guard_row();
CREATE TRIGGER guard_update BEFORE UPDATE ON calendar_event FOR EACH ROW
  WHEN ({STRANGE} OR {MOVED}) EXECUTE FUNCTION guard_row();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON calendar_event
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
ALTER TABLE calendar_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_event FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON calendar_event USING ({RULE}) WITH CHECK ({RULE});
CREATE POLICY site_only ON calendar_event AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
  site_id = ANY ((SELECT string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT ON calendar_event TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE ON calendar_event TO cmms_app_sync, cmms_worker
"""
POLICY = (
    "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy"
    " WHERE polrelid = 'conflict'::regclass AND polname = 'site_only'"
)
ROOT = re.compile(r"FROM (\w+) r\b")


def upgrade() -> None:
    for statements in ((STATEMENTS / "tables.sql").read_text(encoding="utf-8"), AROUND):
        _run(statements)
    _show_conflicts(*_shown(), "calendar_event")
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _show_conflicts(*(root for root in _shown() if root != "calendar_event"))
    _run("DROP TABLE calendar_event")


def _shown() -> list[str]:
    """Give the roots about which the office is shown conflicts, as the policy stands."""
    return ROOT.findall(op.get_bind().exec_driver_sql(POLICY).scalar_one())


def _show_conflicts(*roots: str) -> None:
    """Let the office see a conflict when it sees the record that it is about, by the policy of that one's table."""
    seen = " OR ".join(
        f"EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = conflict.organization_id"
        " AND r.id = conflict.aggregate_id)"
        for root in roots
    )
    _run(f"ALTER POLICY site_only ON conflict USING ({seen})")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
