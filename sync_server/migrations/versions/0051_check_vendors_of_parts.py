"""Look at what names a vendor and at the bounds of parts and places, while people go on writing.

Revision: 0051
Follows: 0050. Runs beside the release before: it changes no table.
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

ADDED = {
    "part": ("fk_part_vendor_id", "ck_part_reorder_point", "ck_part_reorder_quantity"),
    "stock_location": ("ck_stock_location_capacity",),
    "part_request": ("fk_part_request_vendor_id",),
    "stock_movement": ("fk_stock_movement_vendor_id",),
}


def upgrade() -> None:
    for table, constraints in ADDED.items():
        for name in constraints:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    """Nothing to take back: what holds goes on holding."""
