"""Show the office the conflicts about checklist templates and held changes, too.

The first policy named the roots that a conflict could have then; a conflict about another one was seen by no office.

Revision: 0023
Follows: 0022. Runs beside the release before: it changes no table, and what is shown more is of the office's own
sites or of the whole organization.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE = ("work_order", "asset", "part", "stock_location", "person", "team", "site", "location", "asset_type")
ADDED = ("checklist_template", "held_mutation")


def upgrade() -> None:
    _show(*BEFORE, *ADDED)


def downgrade() -> None:
    _show(*BEFORE)


def _show(*roots: str) -> None:
    """Let the office see a conflict when it sees the record that it is about, by the policy of that one's table."""
    seen = " OR ".join(
        f"EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = conflict.organization_id"
        " AND r.id = conflict.aggregate_id)"
        for root in roots
    )
    op.execute(f"ALTER POLICY site_only ON conflict USING ({seen})")
