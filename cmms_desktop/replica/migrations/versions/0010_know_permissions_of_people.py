"""Hold what people may do besides what their roles give them."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE person_permission (
            id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL,
            sync_seq BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27),
            created_by VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
            person_id VARCHAR(36), resource TEXT, action TEXT, scope TEXT, site_id VARCHAR(36), PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX person_permission_person_id ON person_permission (person_id)")
