"""Leave room in the pages of what is edited often, so that an edit writes no index.

Revision: 0010
Follows: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EDITED_OFTEN = ("work_order_p0", "work_order_p1", "work_order_p2", "work_order_p3")


def upgrade() -> None:
    for table in EDITED_OFTEN:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 85)")


def downgrade() -> None:
    for table in EDITED_OFTEN:
        op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
