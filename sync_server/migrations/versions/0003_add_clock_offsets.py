"""Say of every record how far the clock was off that it was made by. Rows from before say nothing.

Revision: 0003
Follows: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (
    ("comment", "offset_ms", "bigint"),
    ("attachment", "offset_ms", "bigint"),
    ("signature", "offset_ms", "bigint"),
    ("stock_movement", "offset_ms", "bigint"),
    ("checklist_item", "answered_offset_ms", "bigint"),
    ("conflict", "device_at", "timestamptz"),
    ("conflict", "offset_ms", "bigint"),
    ("conflict", "resolved_device_at", "timestamptz"),
    ("conflict", "resolved_offset_ms", "bigint"),
)


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


def downgrade() -> None:
    for table, column, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
