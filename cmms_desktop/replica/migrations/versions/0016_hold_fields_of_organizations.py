"""Hold the fields that an organization has made, and what is entered in them."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE custom_field (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            subject TEXT, kind TEXT, name TEXT, help TEXT, unit TEXT, minimum VARCHAR(24), maximum VARCHAR(24),
            choices TEXT, is_required BOOLEAN, position INTEGER, PRIMARY KEY (id)
        )
    """)
    op.execute("""
        CREATE TABLE custom_field_value (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            field_id VARCHAR(36), work_order_id VARCHAR(36), asset_id VARCHAR(36), kind TEXT, text_value TEXT,
            number_value VARCHAR(24), date_value DATE, choice_value TEXT, flag_value BOOLEAN, PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX custom_field_value_aggregate_id ON custom_field_value (aggregate_id)")
    op.execute("CREATE INDEX custom_field_value_field_id ON custom_field_value (field_id)")
