"""Let a contractor end: it gets no orders and has no people any more, stays as what it was, and gives its code up.

Revision: 0065
Follows: 0064. Runs beside the release before, which goes on giving orders to whom it knows.
"""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

MEANING = "Since when it gets no orders any more; it stays. NULL: it does."


def upgrade() -> None:
    """Few rows: an organization has as many as it has contracts."""
    op.execute("ALTER TABLE contractor ADD COLUMN deleted_at timestamptz, DROP CONSTRAINT uq_contractor_code")
    op.execute("CREATE UNIQUE INDEX uq_contractor_code ON contractor (organization_id, code) WHERE deleted_at IS NULL")
    op.execute(f"COMMENT ON COLUMN contractor.deleted_at IS '{MEANING}'")
    op.execute("GRANT SELECT (deleted_at) ON contractor TO cmms_app_sync")


def downgrade() -> None:
    """Those that have ended are contractors again; of a code that was used anew each says so by its id."""
    op.execute("DROP INDEX uq_contractor_code")
    op.execute("RESET ROLE")
    op.execute("UPDATE contractor SET code = code || ' ' || left(id::text, 8) WHERE deleted_at IS NOT NULL")
    op.execute("SET ROLE cmms_owner")
    op.execute(
        "ALTER TABLE contractor DROP COLUMN deleted_at,"
        " ADD CONSTRAINT uq_contractor_code UNIQUE (organization_id, code)"
    )
