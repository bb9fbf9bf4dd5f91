"""Remember which finished orders have left scopes for their age, and which routine was last run when.

Revision: 0004
Follows: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

THIS_ORGANIZATION = "nullif(current_setting('app.organization_id', true), '')::uuid"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE scope_window (
          organization_id uuid NOT NULL, work_order_id uuid NOT NULL, ended_at timestamptz NOT NULL,
          stage integer NOT NULL,
          CONSTRAINT pk_scope_window PRIMARY KEY (organization_id, work_order_id),
          CONSTRAINT ck_scope_window_stage CHECK (stage BETWEEN 1 AND 2)
        )
    """)
    op.execute("""
        CREATE TABLE routine_run (
          organization_id uuid NOT NULL, routine text NOT NULL, day date NOT NULL, claimed_at timestamptz NOT NULL,
          ended_at timestamptz, result text,
          CONSTRAINT pk_routine_run PRIMARY KEY (organization_id, routine),
          CONSTRAINT fk_routine_run_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id)
        )
    """)
    rule = f"organization_id = {THIS_ORGANIZATION}"
    for table in ("scope_window", "routine_run"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY organization_only ON {table} USING ({rule}) WITH CHECK ({rule})")
    op.execute("GRANT SELECT ON scope_window TO cmms_app_sync, cmms_worker, cmms_readonly, cmms_backup")
    op.execute("GRANT SELECT ON routine_run TO cmms_worker, cmms_readonly, cmms_backup")
    op.execute("GRANT INSERT, UPDATE ON scope_window, routine_run TO cmms_worker")


def downgrade() -> None:
    op.execute("DROP TABLE routine_run, scope_window")
