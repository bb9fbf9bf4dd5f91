"""Keep of every record how far the clock was off that it was made by."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = (
    ("comment", "offset_ms", "BIGINT"),
    ("attachment", "offset_ms", "BIGINT"),
    ("signature", "offset_ms", "BIGINT"),
    ("stock_movement", "offset_ms", "BIGINT"),
    ("checklist_item", "answered_offset_ms", "BIGINT"),
    ("conflict", "device_at", "VARCHAR(27)"),
    ("conflict", "offset_ms", "BIGINT"),
    ("conflict", "resolved_device_at", "VARCHAR(27)"),
    ("conflict", "resolved_offset_ms", "BIGINT"),
)


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
