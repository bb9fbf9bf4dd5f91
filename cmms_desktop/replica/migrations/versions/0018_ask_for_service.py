"""Hold what people ask the office for."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE service_request (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            site_id VARCHAR(36), location_id VARCHAR(36), asset_id VARCHAR(36), title TEXT, description TEXT,
            urgency TEXT, is_for_other BOOLEAN, status TEXT, reason TEXT, work_order_id VARCHAR(36),
            decided_by VARCHAR(36), decided_at VARCHAR(27), PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX service_request_asset_id ON service_request (asset_id)")
