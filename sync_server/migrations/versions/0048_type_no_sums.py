"""Say of what an order took and cost that nobody types it any more; what was entered stays.

Revision: 0048
Follows: 0047. Runs beside the release before.
"""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

NOW = {
    "actual_minutes": "Work that it took, as it was entered before visits told it (D-194); nobody writes it now."
    " NULL: nothing was.",
    "cost": "What an imported file says that it cost, in the organization''s currency (D-194). NULL: none, or nothing"
    " said.",
}
BEFORE = {
    "actual_minutes": "Work that it took, as entered. NULL: not entered; visits have their own.",
    "cost": "What it cost, in the organization''s currency. NULL: not known.",
}


def upgrade() -> None:
    _say(NOW)


def downgrade() -> None:
    _say(BEFORE)


def _say(meanings: dict[str, str]) -> None:
    for column, meaning in meanings.items():
        op.execute(f"COMMENT ON COLUMN work_order.{column} IS '{meaning}'")
