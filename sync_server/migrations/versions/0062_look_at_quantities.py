"""Look at the quantities that were there before 0061, while people go on writing.

What a device made up before stays, and is no reason to bring nobody up to date: the check then holds for new rows and
changed ones alone.

Revision: 0062
Follows: 0061. Runs beside the release before: it changes no table.
"""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

CHECKS = {
    "work_order_part": "ck_work_order_part_quantity",
    "part_request": "ck_part_request_quantity",
    "stock_movement": "ck_stock_movement_sign",
}


def upgrade() -> None:
    for table, name in CHECKS.items():
        op.execute(f"""
            DO $$ BEGIN
              ALTER TABLE {table} VALIDATE CONSTRAINT {name};
            EXCEPTION WHEN check_violation THEN
              RAISE NOTICE 'Some rows of {table} are older than {name}.';
            END $$
        """)


def downgrade() -> None:
    """Nothing to take back: what holds goes on holding."""
