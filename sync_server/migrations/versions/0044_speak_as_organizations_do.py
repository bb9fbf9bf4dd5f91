"""Let an organization call closed words by names of its own.

Revision: 0044
Follows: 0043. Runs beside the release before, which neither reads nor writes the table.
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
STRANGE = "NEW.sync_seq IS DISTINCT FROM nullif(current_setting('app.commit_seq', true), '')::bigint"
MOVED = (
    "(OLD.organization_id, OLD.id, OLD.aggregate_id) IS DISTINCT FROM (NEW.organization_id, NEW.id, NEW.aggregate_id)"
)
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
    ("language", "Language that it is of, such as `en`."),
    ("kind", "Of which closed words of an order it stands for one."),
    ("word", "The closed word, as it is stored everywhere."),
    ("text", "What people read in its place."),
)


def upgrade() -> None:
    op.execute("""
        CREATE TABLE i18n_string (
          organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL,
          version integer DEFAULT 0 NOT NULL, sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL,
          created_at timestamptz NOT NULL, created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid,
          deleted_at timestamptz,
          language text NOT NULL, kind text NOT NULL, word text NOT NULL, text text NOT NULL,
          CONSTRAINT pk_i18n_string PRIMARY KEY (organization_id, id),
          CONSTRAINT fk_i18n_string_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
          CONSTRAINT ck_i18n_string_aggregate_id CHECK (aggregate_id = id),
          CONSTRAINT ck_i18n_string_kind CHECK (kind IN ('status', 'priority', 'type'))
        )
    """)
    op.execute("CREATE INDEX ix_i18n_string_aggregate_id ON i18n_string (organization_id, aggregate_id)")
    op.execute("ALTER TABLE i18n_string ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE i18n_string FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organization_only ON i18n_string USING ({RULE}) WITH CHECK ({RULE})")
    op.execute("""
        GRANT SELECT ON i18n_string TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup
    """)
    op.execute("GRANT INSERT, UPDATE ON i18n_string TO cmms_app_sync, cmms_worker")
    _guard()
    op.execute("""
        COMMENT ON TABLE i18n_string IS
          'A word of the organization in one language. Written by command only; its id follows from what it stands for.'
    """)
    for column, meaning in MEANINGS:
        op.execute(f"COMMENT ON COLUMN i18n_string.{column} IS '{meaning}'")


def downgrade() -> None:
    op.execute("DROP TABLE i18n_string")


def _guard() -> None:
    op.execute(f"""
        CREATE TRIGGER guard_insert AFTER INSERT ON i18n_string FOR EACH ROW
          WHEN ({STRANGE}) EXECUTE FUNCTION guard_row()
    """)
    op.execute(f"""
        CREATE TRIGGER guard_update BEFORE UPDATE ON i18n_string FOR EACH ROW
          WHEN ({STRANGE} OR {MOVED}) EXECUTE FUNCTION guard_row()
    """)
    op.execute("""
        CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON i18n_string
          FOR EACH STATEMENT EXECUTE FUNCTION guard_removal()
    """)
