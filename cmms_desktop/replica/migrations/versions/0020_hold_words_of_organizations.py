"""Hold what the organization calls closed words."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE i18n_string (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            language TEXT, kind TEXT, word TEXT, text TEXT, PRIMARY KEY (id)
        )
    """)
