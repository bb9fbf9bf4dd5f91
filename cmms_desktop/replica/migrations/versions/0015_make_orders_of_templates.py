"""Hold templates of orders, with the parts that their orders need."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE work_order_template (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL, sync_seq
            BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27), created_by
            VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27), name TEXT, title
            TEXT, description TEXT, type TEXT, priority TEXT, hazards TEXT, estimated_minutes INTEGER,
            requires_signature BOOLEAN, checklist_template_id VARCHAR(36), is_active BOOLEAN, PRIMARY KEY (id)
        )
    """)
    op.execute("""
        CREATE TABLE work_order_template_part (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL, sync_seq
            BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27), created_by
            VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            work_order_template_id VARCHAR(36), part_id VARCHAR(36), quantity VARCHAR(24), PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX work_order_template_part_aggregate_id ON work_order_template_part (aggregate_id)")
