"""Hold vendors, when parts are reordered, and how much there is room for."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE vendor (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            code TEXT, name TEXT, currency TEXT, code_conflict BOOLEAN, PRIMARY KEY (id)
        )
    """)
    op.execute("ALTER TABLE part ADD COLUMN vendor_id VARCHAR(36)")
    op.execute("ALTER TABLE part ADD COLUMN reorder_point VARCHAR(24)")
    op.execute("ALTER TABLE part ADD COLUMN reorder_quantity VARCHAR(24)")
    op.execute("ALTER TABLE stock_location ADD COLUMN capacity VARCHAR(24)")
    op.execute("ALTER TABLE stock_movement ADD COLUMN vendor_id VARCHAR(36)")
    op.execute("ALTER TABLE part_request ADD COLUMN vendor_id VARCHAR(36)")
