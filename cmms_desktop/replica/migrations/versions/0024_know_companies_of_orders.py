"""Hold which company has an order."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE work_order_assignment ADD COLUMN contractor_id VARCHAR(36)")
    op.execute("ALTER TABLE work_order_assignment ADD COLUMN contractor_name TEXT")
