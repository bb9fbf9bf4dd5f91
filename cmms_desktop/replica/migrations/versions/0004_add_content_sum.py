"""Keep a checksum of what the server sent of each aggregate, to find what the disk has altered since."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE content_sum (aggregate_id TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (aggregate_id))
        WITHOUT ROWID
    """)
