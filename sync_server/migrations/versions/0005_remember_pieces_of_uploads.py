"""Remember the pieces of an upload that is under way: a store of objects writes no file bit by bit.

Uploads that were under way begin again; whole ones stay where they are.

Revision: 0005
Follows: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE blob ADD COLUMN parts text DEFAULT '' NOT NULL")
    op.execute("GRANT UPDATE (parts) ON blob TO cmms_app_sync, cmms_worker")


def downgrade() -> None:
    op.execute("ALTER TABLE blob DROP COLUMN parts")
