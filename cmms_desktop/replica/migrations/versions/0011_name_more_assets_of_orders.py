"""Hold further assets of orders, and the asset that a checklist is about."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE work_order_asset (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL, sync_seq
            BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27), created_by
            VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27), work_order_id
            VARCHAR(36), asset_id VARCHAR(36), position INTEGER, note TEXT, PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX work_order_asset_aggregate_id ON work_order_asset (aggregate_id)")
    op.execute("CREATE INDEX work_order_asset_asset_id ON work_order_asset (asset_id)")
    op.execute("ALTER TABLE checklist ADD COLUMN asset_id VARCHAR(36)")
