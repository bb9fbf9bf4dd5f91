"""Let an organization say how it appears to its people.

Runs beside the previous release, which neither reads nor writes the table.

Revision: 0031
Follows: 0030
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"

MEANINGS = (
    (
        "organization_id",
        "Organization that the row belongs to; first in every key, and what row level security compares.",
    ),
    ("id", "Given by whoever makes the row, offline too; the same everywhere, for ever."),
    ("aggregate_id", "Id of the root of the aggregate. Never changes: a move is a delete and a create."),
    ("version", "Number of commits that wrote this row; 0 on a device that has not sent it yet."),
    ("sync_seq", "Clock of the last commit that wrote this row."),
    ("row_hash", "First 8 bytes of BLAKE2b(entity, id, nonce of that commit), signed: differs between forks."),
    (
        "created_at",
        "When the server saved the row first, by its own clock; a device that has not sent it yet: by the device''s.",
    ),
    ("created_by", "Person who made it. NULL: an import or the server."),
    ("updated_at", "When the row was written last, by the same clock as `created_at`."),
    ("updated_by", "Person who changed it last. NULL: an import or the server."),
    ("deleted_at", "Since when the row is deleted; it stays, and can be restored. NULL: it is there."),
    ("name", "What its people call it."),
    ("colour", "Its colour, `#rrggbb`. NULL, or what is no colour: the program''s own."),
    ("help_text", "Whom to ask for help and how, in words. NULL: nobody is named."),
)


def upgrade() -> None:
    op.execute("""
        CREATE TABLE branding (
          organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL,
          version integer DEFAULT 0 NOT NULL, sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL,
          created_at timestamptz NOT NULL, created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid,
          deleted_at timestamptz,
          name text NOT NULL, colour text, help_text text,
          CONSTRAINT pk_branding PRIMARY KEY (organization_id, id),
          CONSTRAINT fk_branding_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
          CONSTRAINT ck_branding_aggregate_id CHECK (aggregate_id = id)
        )
    """)
    op.execute("CREATE INDEX ix_branding_aggregate_id ON branding (organization_id, aggregate_id)")
    op.execute("ALTER TABLE branding ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE branding FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organization_only ON branding USING ({RULE}) WITH CHECK ({RULE})")
    op.execute("""
        GRANT SELECT ON branding TO
          cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup
    """)
    op.execute("GRANT INSERT, UPDATE ON branding TO cmms_app_sync, cmms_worker")
    _guard()
    op.execute("""
        COMMENT ON TABLE branding IS
          'How the organization appears on its devices. Written by command only; of several rows the last counts.'
    """)
    for column, meaning in MEANINGS:
        op.execute(f"COMMENT ON COLUMN branding.{column} IS '{meaning}'")


def downgrade() -> None:
    op.execute("DROP TABLE branding")


def _guard() -> None:
    op.execute("""
        CREATE TRIGGER guard_insert AFTER INSERT ON branding
          REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert()
    """)
    op.execute("""
        CREATE TRIGGER guard_update AFTER UPDATE ON branding
          REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_update()
    """)
    op.execute("""
        CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON branding
          FOR EACH STATEMENT EXECUTE FUNCTION guard_removal()
    """)
