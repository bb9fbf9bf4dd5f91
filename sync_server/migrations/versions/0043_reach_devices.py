"""Keep where and with which keys devices are reached while they do not ask.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0043
Follows: 0042. Runs beside the release before, which reaches no device.
"""

from pathlib import Path

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"

AROUND = f"""
ALTER TABLE push_subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE push_subscription FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON push_subscription USING ({RULE}) WITH CHECK ({RULE});
GRANT INSERT, UPDATE, SELECT (organization_id, device_id, subscribed_at, revoked_at)
  ON push_subscription TO cmms_app_sync;
GRANT SELECT ON push_subscription TO cmms_worker, cmms_backup;
"""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    _run(AROUND)
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE push_subscription")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
