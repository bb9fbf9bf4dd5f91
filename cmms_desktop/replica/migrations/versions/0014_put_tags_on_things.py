"""Hold tags, and what they are on."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE tag (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            name TEXT, meaning TEXT, code_conflict BOOLEAN, PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX tag_name ON tag (name)")
    op.execute("""
        CREATE TABLE entity_tag (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            tag_id VARCHAR(36), work_order_id VARCHAR(36), asset_id VARCHAR(36), PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX entity_tag_aggregate_id ON entity_tag (aggregate_id)")
    op.execute("CREATE INDEX entity_tag_tag_id ON entity_tag (tag_id)")
