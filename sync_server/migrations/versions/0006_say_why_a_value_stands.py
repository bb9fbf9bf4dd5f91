"""Let a conflict say why the server's value stands, who saved it and when; note merges; find who waits for a key.

Revision: 0006
Follows: 0005. Runs beside the release before: it writes neither the new columns nor the new kind.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = "'field', 'status', 'request', 'deleted', 'reference'"
NATURAL_KEYS = (("site", "code"), ("asset_type", "code"), ("asset", "code"), ("part", "code"), ("work_order", "number"))
CAUSES = (
    "'saved_first', 'planning', 'deleted', 'merged', 'illegal_transition', 'not_allowed', 'reason_required',"
    " 'sign_off_required'"
)


def upgrade() -> None:
    for table, key in NATURAL_KEYS:
        columns = f"{table} (organization_id, {key})"
        op.execute(f"CREATE INDEX ix_{table}_code_conflict ON {columns} WHERE code_conflict")
    # last, and without looking at the rows (0007 does): nobody reads a conflict from here to the end
    op.execute("ALTER TABLE conflict ADD COLUMN cause text")
    op.execute("ALTER TABLE conflict ADD COLUMN theirs_by uuid")
    op.execute("ALTER TABLE conflict ADD COLUMN theirs_at timestamptz")
    op.execute(f"ALTER TABLE conflict ADD CONSTRAINT ck_conflict_cause CHECK (cause IN ({CAUSES})) NOT VALID")
    op.execute("ALTER TABLE conflict DROP CONSTRAINT ck_conflict_kind")
    op.execute(f"ALTER TABLE conflict ADD CONSTRAINT ck_conflict_kind CHECK (kind IN ({KINDS}, 'merged')) NOT VALID")


def downgrade() -> None:
    for table, _ in NATURAL_KEYS:
        op.execute(f"DROP INDEX ix_{table}_code_conflict")
    op.execute("ALTER TABLE conflict DROP CONSTRAINT ck_conflict_kind")
    op.execute(
        f"ALTER TABLE conflict ADD CONSTRAINT ck_conflict_kind CHECK (kind IN ({KINDS})) NOT VALID"
    )  # merges that were noted stay readable
    op.execute("ALTER TABLE conflict DROP CONSTRAINT ck_conflict_cause")
    for name in ("theirs_at", "theirs_by", "cause"):
        op.execute(f"ALTER TABLE conflict DROP COLUMN {name}")
