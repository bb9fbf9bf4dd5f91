"""Keep what the server has signed of the activity log.

Revision: 0029
Follows: 0028. Runs beside the release before, which signs nothing.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"

MEANINGS = (
    (
        "organization_id",
        "Organization that the row belongs to; first in every key, and what row level security compares.",
    ),
    ("seq", "Number of the line of the activity log that was its last one."),
    ("hash", "`hash` of that line."),
    ("signed_at", "When the server signed it, by its own clock."),
    (
        "signature",
        "base64url, Ed25519 by the key that follows from the server''s secret, over organization and the rest.",
    ),
)


def upgrade() -> None:
    op.execute("""
        CREATE TABLE activity_checkpoint (
          organization_id uuid NOT NULL, seq bigint NOT NULL, hash text NOT NULL, signed_at timestamptz NOT NULL,
          signature text NOT NULL,
          CONSTRAINT pk_activity_checkpoint PRIMARY KEY (organization_id, seq),
          CONSTRAINT fk_activity_checkpoint_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id)
        )
    """)
    op.execute("ALTER TABLE activity_checkpoint ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE activity_checkpoint FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organization_only ON activity_checkpoint USING ({RULE}) WITH CHECK ({RULE})")
    op.execute("GRANT SELECT ON activity_checkpoint TO cmms_worker, cmms_readonly, cmms_backup")
    op.execute("GRANT INSERT ON activity_checkpoint TO cmms_worker")
    op.execute("""
        CREATE TRIGGER guard_record BEFORE UPDATE ON activity_checkpoint FOR EACH ROW EXECUTE FUNCTION guard_record()
    """)
    op.execute("""
        CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON activity_checkpoint
          FOR EACH STATEMENT EXECUTE FUNCTION guard_removal()
    """)
    op.execute("""
        COMMENT ON TABLE activity_checkpoint IS
          'Ends of the activity log that the server has signed, so that nobody writes what is before them anew.'
    """)
    for column, meaning in MEANINGS:
        op.execute(f"COMMENT ON COLUMN activity_checkpoint.{column} IS '{meaning}'")


def downgrade() -> None:
    op.execute("DROP TABLE activity_checkpoint")
