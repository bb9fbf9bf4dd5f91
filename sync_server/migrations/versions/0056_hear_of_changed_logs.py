"""Note at a device that it knows a line of the activity log otherwise than the log has it.

Revision: 0056
Follows: 0055. Runs beside the release before, whose devices know no line.
"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE device ADD COLUMN log_differs_seq bigint")
    op.execute("""
        COMMENT ON COLUMN device.log_differs_seq IS
          'Line of the activity log that it knows otherwise, signed by this server. NULL: it knows none so.'
    """)
    op.execute("GRANT UPDATE (log_differs_seq) ON device TO cmms_app_sync")


def downgrade() -> None:
    op.execute("ALTER TABLE device DROP COLUMN log_differs_seq")
