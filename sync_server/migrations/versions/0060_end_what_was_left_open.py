"""Forget where dismissed people are reached, and take from the office's role what no list of it reads.

Revision: 0060
Follows: 0059. Runs beside the release before, whose office reads none of these tables either.
"""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

TABLES = "asset_specification, asset_relation, work_order_cost, work_order_template_part"
REACHED = "endpoint, p256dh, auth, revoked_at"
"""Columns that whoever dismisses somebody empties."""


def upgrade() -> None:
    op.execute(f"GRANT UPDATE ({REACHED}) ON push_subscription TO cmms_worker")
    op.execute(f"REVOKE SELECT ON {TABLES} FROM cmms_app_office")
    op.execute("RESET ROLE")
    op.execute("""
        UPDATE push_subscription AS s SET endpoint = NULL, p256dh = NULL, auth = NULL, revoked_at = clock_timestamp()
        FROM device AS d JOIN person AS p ON p.organization_id = d.organization_id AND p.id = d.person_id
        WHERE s.organization_id = d.organization_id AND s.device_id = d.id AND s.revoked_at IS NULL
          AND (NOT p.is_active OR p.deleted_at IS NOT NULL)
    """)
    op.execute("SET ROLE cmms_owner")


def downgrade() -> None:
    """What was forgotten stays so."""
    op.execute(f"GRANT SELECT ON {TABLES} TO cmms_app_office")
    op.execute(f"REVOKE UPDATE ({REACHED}) ON push_subscription FROM cmms_worker")
