"""Hold what its person is told."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE notification (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            person_id VARCHAR(36), site_id VARCHAR(36), kind TEXT, subject TEXT, subject_id VARCHAR(36), title TEXT,
            detail TEXT, received_on DATE, read_at VARCHAR(27), PRIMARY KEY (id)
        )
    """)
