"""Look whether every remark is about one thing that is there, while people go on writing.

Revision: 0021
Follows: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("fk_comment_asset_id", "ck_comment_aggregate_id", "ck_comment_subject"):
        op.execute(f"ALTER TABLE comment VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    """Nothing to take back: what holds goes on holding."""
