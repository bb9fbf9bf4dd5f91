"""Look at who has orders, whom 0057 let be companies, and find what a company has.

Revision: 0058
Follows: 0057. Keeps no reader out; writers wait for one look at the table, for the index holds companies alone.
"""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("fk_work_order_assignment_contractor_id", "ck_work_order_assignment_assignee"):
        op.execute(f"ALTER TABLE work_order_assignment VALIDATE CONSTRAINT {name}")
    op.execute(
        "CREATE INDEX ix_work_order_assignment_contractor_id ON work_order_assignment (organization_id, contractor_id)"
        " WHERE contractor_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_work_order_assignment_contractor_id")
