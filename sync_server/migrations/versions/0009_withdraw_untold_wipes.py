"""Let the wipe of a dismissed person's device be withdrawn while the device has not been told.

Revision: 0009
Follows: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE device_command ADD COLUMN is_withdrawable boolean DEFAULT false NOT NULL")
    op.execute("GRANT UPDATE (is_withdrawable) ON device_command TO cmms_app_sync")


def downgrade() -> None:
    op.execute("ALTER TABLE device_command DROP COLUMN is_withdrawable")
