"""Add templates of orders, with the parts that their orders need.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0027
Follows: 0026. Runs beside the release before, which knows none of the tables.
"""

from pathlib import Path

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")

ROOTS_BEFORE = (
    *("work_order", "asset", "part", "stock_location", "person", "team", "site", "location", "asset_type"),
    *("checklist_template", "held_mutation", "tag"),
)
"""Roots about which the office was shown conflicts."""
TABLES = ("work_order_template", "work_order_template_part")
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
    _show(*ROOTS_BEFORE, "work_order_template")


def downgrade() -> None:
    _show(*ROOTS_BEFORE)
    _run(f"DROP TABLE {', '.join(TABLES)}")


def _show(*roots: str) -> None:
    """Let the office see a conflict when it sees the record that it is about, by the policy of that one's table."""
    seen = " OR ".join(
        f"EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = conflict.organization_id"
        " AND r.id = conflict.aggregate_id)"
        for root in roots
    )
    _run(f"ALTER POLICY site_only ON conflict USING ({seen})")


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
    """


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
