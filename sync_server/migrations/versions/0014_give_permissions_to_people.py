"""Let a person be given permissions besides those of his role.

Runs beside the previous release, which neither reads nor writes the table.

Revision: 0014
Follows: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
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
    ("person_id", "Who may."),
    ("resource", "What with: an entity of the matrix of permissions. What a program does not know gives nothing."),
    ("action", "What he may do with it: an action that the matrix has for the resource."),
    ("scope", "How far."),
    ("site_id", "The one site where it holds. NULL: wherever he has a role, and for what belongs to no site."),
)


def upgrade() -> None:
    op.execute("""
        CREATE TABLE person_permission (
          organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL,
          version integer DEFAULT 0 NOT NULL, sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL,
          created_at timestamptz NOT NULL, created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid,
          deleted_at timestamptz,
          person_id uuid NOT NULL, resource text NOT NULL, action text NOT NULL, scope text NOT NULL, site_id uuid,
          CONSTRAINT pk_person_permission PRIMARY KEY (organization_id, id),
          CONSTRAINT fk_person_permission_person_id FOREIGN KEY (organization_id, person_id) REFERENCES person
            (organization_id, id) DEFERRABLE,
          CONSTRAINT fk_person_permission_site_id FOREIGN KEY (organization_id, site_id) REFERENCES site
            (organization_id, id) DEFERRABLE,
          CONSTRAINT ck_person_permission_aggregate_id CHECK (aggregate_id = id),
          CONSTRAINT ck_person_permission_scope CHECK (scope IN ('own', 'team', 'site', 'organization'))
        )
    """)
    for column in ("aggregate_id", "person_id"):
        op.execute(f"CREATE INDEX ix_person_permission_{column} ON person_permission (organization_id, {column})")
    op.execute("ALTER TABLE person_permission ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE person_permission FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organization_only ON person_permission USING ({RULE}) WITH CHECK ({RULE})")
    op.execute("""
        GRANT SELECT ON person_permission TO
          cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup
    """)
    op.execute("GRANT INSERT, UPDATE ON person_permission TO cmms_app_sync, cmms_worker")
    _guard()
    op.execute("""
        COMMENT ON TABLE person_permission IS
          'What a person may do besides what his role gives him, where he already works. '
          'Given and taken, never changed.'
    """)
    for column, meaning in MEANINGS:
        op.execute(f"COMMENT ON COLUMN person_permission.{column} IS '{meaning}'")


def downgrade() -> None:
    op.execute("DROP TABLE person_permission")


def _guard() -> None:
    op.execute("""
        CREATE TRIGGER guard_insert AFTER INSERT ON person_permission
          REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert()
    """)
    op.execute("""
        CREATE TRIGGER guard_update AFTER UPDATE ON person_permission
          REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_update()
    """)
    op.execute("""
        CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON person_permission
          FOR EACH STATEMENT EXECUTE FUNCTION guard_removal()
    """)
