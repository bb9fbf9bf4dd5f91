"""Hold the meters of assets, each with its last reading."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE meter (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            asset_id VARCHAR(36), name TEXT, unit TEXT, minimum VARCHAR(24), maximum VARCHAR(24),
            warning_at VARCHAR(24), critical_at VARCHAR(24), last_value VARCHAR(24), last_read_at VARCHAR(27),
            last_offset_ms BIGINT, last_read_by VARCHAR(36), last_note TEXT, PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX meter_aggregate_id ON meter (aggregate_id)")
