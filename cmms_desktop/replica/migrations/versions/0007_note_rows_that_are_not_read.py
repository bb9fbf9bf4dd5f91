"""Keep the hash of each row of an entity that this program does not know, so that digests are the server's."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE unread_row (
            entity TEXT NOT NULL, row_id TEXT NOT NULL, aggregate_id TEXT NOT NULL, row_hash INTEGER NOT NULL,
            sync_seq INTEGER NOT NULL, PRIMARY KEY (entity, row_id)
        ) WITHOUT ROWID
    """)
    op.execute("CREATE INDEX unread_row_aggregate_id ON unread_row (aggregate_id)")
