"""Let an organization have a record of months of notifications that were detached.

Revision: 0053
Follows: 0052. Runs beside the release before, which detaches them without a record.
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _allow("'readings', 'activity', 'export', 'notifications'")


def downgrade() -> None:
    """Raises what PostgreSQL says when a record of such a month is there: nobody removes those."""
    _allow("'readings', 'activity', 'export'")


def _allow(kinds: str) -> None:
    op.execute("ALTER TABLE archive DROP CONSTRAINT ck_archive_kind")
    op.execute(f"ALTER TABLE archive ADD CONSTRAINT ck_archive_kind CHECK (kind IN ({kinds}))")
