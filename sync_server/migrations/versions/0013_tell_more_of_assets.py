"""Add what else is known of assets: specifications, papers with their last day, and what an asset is to another.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0013
Follows: 0012. Runs beside the release before, which knows none of the tables.
"""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")

TABLES = ("asset_specification", "asset_document", "asset_relation")
THIS_ORGANIZATION = "nullif(current_setting('app.organization_id', true), '')::uuid"


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    for table in TABLES:
        _run(_guards(table) + _policies(table))
    tables = ", ".join(TABLES)
    _run(f"""
        GRANT SELECT ON {tables} TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
        GRANT INSERT, UPDATE ON {tables} TO cmms_app_sync, cmms_worker
    """)
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run(f"DROP TABLE {', '.join(TABLES)}")


def _guards(table: str) -> str:
    return f"""
        CREATE TRIGGER guard_insert AFTER INSERT ON {table}
          REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert();
        CREATE TRIGGER guard_update AFTER UPDATE ON {table}
          REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_update();
        CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON {table}
          FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
    """


def _policies(table: str) -> str:
    rule = f"organization_id = {THIS_ORGANIZATION}"
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY organization_only ON {table} USING ({rule}) WITH CHECK ({rule});
        CREATE POLICY site_only ON {table} AS RESTRICTIVE FOR SELECT TO cmms_app_office USING (
          EXISTS (SELECT FROM asset AS r
            WHERE r.organization_id = {table}.organization_id AND r.id = {table}.aggregate_id));
    """


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
