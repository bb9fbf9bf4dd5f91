"""Hold what is on its person's calendar."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE calendar_event (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            person_id VARCHAR(36), team_id VARCHAR(36), site_id VARCHAR(36), kind TEXT, title TEXT,
            begins_at VARCHAR(27), ends_at VARCHAR(27), PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX calendar_event_ends_at ON calendar_event (ends_at)")
