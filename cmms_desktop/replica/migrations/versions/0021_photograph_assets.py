"""Hold photos of assets and of remarks."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE attachment ADD COLUMN asset_id VARCHAR(36)")
    op.execute("ALTER TABLE attachment ADD COLUMN comment_id VARCHAR(36)")
