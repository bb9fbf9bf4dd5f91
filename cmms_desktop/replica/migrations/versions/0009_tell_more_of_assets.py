"""Hold what else is known of assets: specifications, papers, and what an asset is to another."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE asset_specification (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT
            NULL, sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at
            VARCHAR(27), created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36),
            deleted_at VARCHAR(27), asset_id VARCHAR(36), name TEXT, value TEXT, unit TEXT, position
            INTEGER, PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX asset_specification_aggregate_id ON asset_specification (aggregate_id)")
    op.execute("""
        CREATE TABLE asset_document (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT
            NULL, sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at
            VARCHAR(27), created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36),
            deleted_at VARCHAR(27), asset_id VARCHAR(36), kind TEXT, title TEXT, reference TEXT, kept_at
            TEXT, issued_on DATE, expires_on DATE, PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX asset_document_aggregate_id ON asset_document (aggregate_id)")
    op.execute("""
        CREATE TABLE asset_relation (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT
            NULL, sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at
            VARCHAR(27), created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36),
            deleted_at VARCHAR(27), asset_id VARCHAR(36), kind TEXT, other_asset_id VARCHAR(36), note
            TEXT, PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX asset_relation_aggregate_id ON asset_relation (aggregate_id)")
    op.execute("CREATE INDEX asset_relation_other_asset_id ON asset_relation (other_asset_id)")
