"""Let the organization command its devices, and keep what revoked ones hand in sealed.

Revision: 0007
Follows: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("device_command", "sealed_outbox", "sealed_part")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"


def upgrade() -> None:
    # added by 0006: validated in another transaction, work on conflicts goes on meanwhile
    op.execute("ALTER TABLE conflict VALIDATE CONSTRAINT ck_conflict_cause")
    op.execute("ALTER TABLE conflict VALIDATE CONSTRAINT ck_conflict_kind")
    op.execute("""
        ALTER TABLE device
          ADD COLUMN is_awaited boolean DEFAULT false NOT NULL, ADD COLUMN wiped_at timestamptz,
          ADD COLUMN lost_changes integer
    """)
    op.execute("""
        CREATE TABLE device_command (
          organization_id uuid NOT NULL, id uuid NOT NULL, device_id uuid NOT NULL, kind text NOT NULL,
          queued_at timestamptz NOT NULL, told_at timestamptz, done_at timestamptz,
          CONSTRAINT pk_device_command PRIMARY KEY (organization_id, id),
          CONSTRAINT fk_device_command_device_id FOREIGN KEY (organization_id, device_id) REFERENCES device
            (organization_id, id) DEFERRABLE,
          CONSTRAINT ck_device_command_kind CHECK (kind IN ('lock', 'verify', 'wipe', 'wipe_now'))
        )
    """)
    op.execute("CREATE INDEX ix_device_command_device_id ON device_command (organization_id, device_id)")
    op.execute("""
        CREATE TABLE sealed_outbox (
          organization_id uuid NOT NULL, id uuid NOT NULL, device_id uuid NOT NULL, sha256 text NOT NULL,
          size_bytes bigint NOT NULL, received_bytes bigint DEFAULT 0 NOT NULL, changes integer NOT NULL,
          begun_at timestamptz NOT NULL, complete_at timestamptz, taken_over_at timestamptz,
          CONSTRAINT pk_sealed_outbox PRIMARY KEY (organization_id, id),
          CONSTRAINT uq_sealed_outbox_sha256 UNIQUE (organization_id, device_id, sha256),
          CONSTRAINT fk_sealed_outbox_device_id FOREIGN KEY (organization_id, device_id) REFERENCES device
            (organization_id, id) DEFERRABLE,
          CONSTRAINT ck_sealed_outbox_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
          CONSTRAINT ck_sealed_outbox_received_bytes CHECK (received_bytes BETWEEN 0 AND size_bytes)
        )
    """)
    op.execute("""
        CREATE TABLE sealed_part (
          organization_id uuid NOT NULL, sealed_outbox_id uuid NOT NULL, at bigint NOT NULL, content bytea NOT NULL,
          CONSTRAINT pk_sealed_part PRIMARY KEY (organization_id, sealed_outbox_id, at),
          CONSTRAINT fk_sealed_part_sealed_outbox_id FOREIGN KEY (organization_id, sealed_outbox_id) REFERENCES
            sealed_outbox (organization_id, id) DEFERRABLE
        )
    """)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY organization_only ON {table} USING ({RULE}) WITH CHECK ({RULE})")
        op.execute(f"GRANT SELECT ON {table} TO cmms_app_sync, cmms_backup")
        op.execute(f"GRANT INSERT ON {table} TO cmms_app_sync")
    op.execute("GRANT UPDATE (told_at, done_at, kind) ON device_command TO cmms_app_sync")
    op.execute("GRANT UPDATE (received_bytes, complete_at, taken_over_at) ON sealed_outbox TO cmms_app_sync")
    op.execute("GRANT DELETE ON sealed_outbox, sealed_part TO cmms_app_sync")
    op.execute("GRANT UPDATE (is_awaited, wiped_at, lost_changes) ON device TO cmms_app_sync")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE device DROP COLUMN is_awaited, DROP COLUMN wiped_at, DROP COLUMN lost_changes")
