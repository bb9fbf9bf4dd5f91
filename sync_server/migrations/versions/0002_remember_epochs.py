"""Remember how far the backups reach, and where earlier histories of an organization ended.

Revision: 0002
Follows: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

THIS_ORGANIZATION = "nullif(current_setting('app.organization_id', true), '')::uuid"


def upgrade() -> None:
    op.execute("ALTER TABLE org_clock ADD COLUMN durable_seq bigint DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE org_clock ADD CONSTRAINT ck_org_clock_durable_seq CHECK (durable_seq <= seq)")
    op.execute("""
        CREATE TABLE ended_epoch (
          organization_id uuid NOT NULL, number integer NOT NULL, epoch uuid NOT NULL, last_seq bigint NOT NULL,
          ended_at timestamptz NOT NULL, reason text NOT NULL,
          CONSTRAINT pk_ended_epoch PRIMARY KEY (organization_id, number),
          CONSTRAINT fk_ended_epoch_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id)
        )
    """)
    op.execute("ALTER TABLE ended_epoch ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE ended_epoch FORCE ROW LEVEL SECURITY")
    rule = f"organization_id = {THIS_ORGANIZATION}"
    op.execute(f"CREATE POLICY organization_only ON ended_epoch USING ({rule}) WITH CHECK ({rule})")
    op.execute("GRANT SELECT ON ended_epoch TO cmms_app_sync, cmms_worker, cmms_readonly, cmms_backup")
    op.execute("GRANT INSERT ON ended_epoch TO cmms_worker")
    op.execute("GRANT UPDATE (epoch, durable_seq) ON org_clock TO cmms_worker")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (epoch) ON org_clock FROM cmms_worker")
    op.execute("DROP TABLE ended_epoch")
    op.execute("ALTER TABLE org_clock DROP COLUMN durable_seq")
