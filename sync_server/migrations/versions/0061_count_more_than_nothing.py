"""Let planned and wanted parts be more than nothing, and movements go the way that their kind says.

Rows that are there are looked at by 0062, while people go on writing.

Revision: 0061
Follows: 0060. Runs beside the release before: its programs post nothing else; what a device makes up is refused.
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

COUNTED = ("work_order_part", "part_request")
SIGN = (
    "CASE kind WHEN 'usage' THEN quantity < 0 WHEN 'purchase' THEN quantity > 0 WHEN 'return' THEN quantity > 0"
    " ELSE quantity <> 0 END"
)


def upgrade() -> None:
    for table in COUNTED:
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_quantity, ADD CONSTRAINT ck_{table}_quantity"
            " CHECK (quantity >= 0.0001 AND quantity <> 'NaN') NOT VALID"
        )
    op.execute(f"ALTER TABLE stock_movement ADD CONSTRAINT ck_stock_movement_sign CHECK ({SIGN}) NOT VALID")


def downgrade() -> None:
    op.execute("ALTER TABLE stock_movement DROP CONSTRAINT ck_stock_movement_sign")
    for table in COUNTED:
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_quantity,"
            f" ADD CONSTRAINT ck_{table}_quantity CHECK (quantity <> 'NaN')"
        )
