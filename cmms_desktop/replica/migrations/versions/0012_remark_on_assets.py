"""Hold remarks about assets."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE comment ADD COLUMN asset_id VARCHAR(36)")
