"""Look at the assets that checklists name, while people go on writing them.

Revision: 0017
Follows: 0016. Runs beside the release before: it changes no table.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE checklist VALIDATE CONSTRAINT fk_checklist_asset_id")


def downgrade() -> None:
    """Leave it checked: the revision before takes it away."""
