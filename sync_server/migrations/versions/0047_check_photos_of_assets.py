"""Look whether every photo is of one thing that is there, while people go on writing.

Revision: 0047
Follows: 0046
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("fk_{}_asset_id", "fk_{}_comment_id", "ck_{}_aggregate_id", "ck_{}_subject"):
        op.execute(f"ALTER TABLE attachment VALIDATE CONSTRAINT {name.format('attachment')}")


def downgrade() -> None:
    """Nothing to take back: what holds goes on holding."""
