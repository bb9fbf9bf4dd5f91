"""Look whether every photo is of one thing that is there, while people go on writing.

Revision: 0040
Follows: 0039
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("fk_{}_asset_id", "fk_{}_comment_id", "ck_{}_aggregate_id", "ck_{}_subject"):
        op.execute(f"ALTER TABLE attachment VALIDATE CONSTRAINT {name.format('attachment')}")


def downgrade() -> None:
    """Nothing to take back: what holds goes on holding."""
