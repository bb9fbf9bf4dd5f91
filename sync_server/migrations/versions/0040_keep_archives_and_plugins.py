"""Keep a record of what was archived of an organization, and a register of the plugins that it knows.

Revision: 0040
Follows: 0039. Runs beside the release before, which detaches months and hands out without a record.
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
OF_ORGANIZATION = "Organization that the row belongs to; first in every key, and what row level security compares."
ARCHIVE = (
    ("organization_id", OF_ORGANIZATION),
    ("id", "Made by the server."),
    ("kind", "What it holds."),
    ("kept_in", "Name of the detached table, or of the file that was written, without its folder."),
    ("from_on", "First day of what is in it. NULL: from the beginning."),
    ("until_on", "Last day of what is in it."),
    ("row_count", "Rows of the organization that are in it."),
    (
        "sha256",
        "Of a month: over its rows as JSON lines by primary key, as an export writes them. Of a file: its own.",
    ),
    ("made_at", "When it was archived."),
)
PLUGIN = (
    ("organization_id", OF_ORGANIZATION),
    ("id", "Made by the server."),
    ("name", "Small letters, digits and hyphens, as its manifest says."),
    ("version", "As its manifest says."),
    ("publisher", "Who made it, in the words of its manifest; nobody proved it."),
    ("manifest_sha256", "Of the manifest, byte by byte."),
    ("state", "What the organization thinks of it."),
    ("registered_at", "When it was written down."),
    ("updated_at", "When its state was changed last."),
)


def upgrade() -> None:
    op.execute("""
        CREATE TABLE archive (
          organization_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL, kept_in text NOT NULL,
          from_on date, until_on date NOT NULL, row_count bigint NOT NULL, sha256 text NOT NULL,
          made_at timestamptz NOT NULL,
          CONSTRAINT pk_archive PRIMARY KEY (organization_id, id),
          CONSTRAINT fk_archive_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
          CONSTRAINT ck_archive_kind CHECK (kind IN ('readings', 'activity', 'export')),
          CONSTRAINT ck_archive_until_on CHECK (until_on >= from_on),
          CONSTRAINT ck_archive_row_count CHECK (row_count >= 0),
          CONSTRAINT ck_archive_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$')
        )
    """)
    op.execute("CREATE INDEX ix_archive_made_at ON archive (organization_id, made_at)")
    op.execute("""
        CREATE TABLE plugin (
          organization_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL, version text NOT NULL,
          publisher text NOT NULL, manifest_sha256 text NOT NULL, state text NOT NULL,
          registered_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
          CONSTRAINT pk_plugin PRIMARY KEY (organization_id, id),
          CONSTRAINT fk_plugin_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
          CONSTRAINT uq_plugin_version UNIQUE (organization_id, name, version),
          CONSTRAINT ck_plugin_name CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
          CONSTRAINT ck_plugin_version CHECK (version ~ '^[0-9A-Za-z.+-]{1,40}$'),
          CONSTRAINT ck_plugin_publisher CHECK (char_length(publisher) BETWEEN 1 AND 200),
          CONSTRAINT ck_plugin_manifest_sha256 CHECK (manifest_sha256 ~ '^[0-9a-f]{64}$'),
          CONSTRAINT ck_plugin_state CHECK (state IN ('registered', 'approved', 'blocked'))
        )
    """)
    for table in ("archive", "plugin"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY organization_only ON {table} USING ({RULE}) WITH CHECK ({RULE})")
        op.execute(f"GRANT SELECT ON {table} TO cmms_worker, cmms_readonly, cmms_backup")
        op.execute(f"GRANT INSERT ON {table} TO cmms_worker")
    op.execute("GRANT UPDATE (state, updated_at) ON plugin TO cmms_worker")
    op.execute("""
        CREATE TRIGGER guard_record BEFORE UPDATE ON archive FOR EACH ROW EXECUTE FUNCTION guard_record()
    """)
    op.execute("""
        CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON archive
          FOR EACH STATEMENT EXECUTE FUNCTION guard_removal()
    """)
    _explain(
        "archive", "What was detached from an organization''s history or handed out of it. Only ever added to.", ARCHIVE
    )
    _explain(
        "plugin", "Plugins by version, each with the digest of what its manifest said. A register: none is run.", PLUGIN
    )


def downgrade() -> None:
    op.execute("DROP TABLE plugin, archive")


def _explain(table: str, meaning: str, columns: tuple[tuple[str, str], ...]) -> None:
    op.execute(f"COMMENT ON TABLE {table} IS '{meaning}'")
    for column, said in columns:
        op.execute(f"COMMENT ON COLUMN {table}.{column} IS '{said}'")
