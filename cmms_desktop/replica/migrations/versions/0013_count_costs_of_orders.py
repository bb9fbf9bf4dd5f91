"""Hold what orders cost, line by line."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE work_order_cost (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL, sync_seq
            BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27), created_by
            VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27), work_order_id
            VARCHAR(36), site_id VARCHAR(36), kind TEXT, amount_minor BIGINT, currency TEXT, note TEXT, PRIMARY KEY
            (id)
        )
    """)
    op.execute("CREATE INDEX work_order_cost_work_order_id ON work_order_cost (work_order_id)")
