"""Add fields that an organization makes for its orders or assets, and what is entered in them.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0028
Follows: 0027. Runs beside the release before, which knows neither table.
"""

from pathlib import Path

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")

TABLES = ("custom_field", "custom_field_value")
THIS_ORGANIZATION = "nullif(current_setting('app.organization_id', true), '')::uuid"
SEEN_THROUGH = (
    "EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = custom_field_value.organization_id AND r.id = {key})"
)

CONFLICTS_OF = (
    *("work_order", "asset", "part", "stock_location", "person", "team", "site", "location", "asset_type"),
    *("checklist_template", "held_mutation", "tag", "work_order_template"),
)
"""Whose conflicts the office was shown before."""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    for table in TABLES:
        _run(_guards(table) + _policies(table))
    seen = " OR ".join(
        SEEN_THROUGH.format(root=root, key=f"custom_field_value.{root}_id") for root in ("work_order", "asset")
    )
    _run(f"CREATE POLICY site_only ON custom_field_value AS RESTRICTIVE FOR SELECT TO cmms_app_office USING ({seen})")
    _show_conflicts(*CONFLICTS_OF, "custom_field")
    tables = ", ".join(TABLES)
    _run(f"""
        GRANT SELECT ON {tables} TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
        GRANT INSERT, UPDATE ON {tables} TO cmms_app_sync, cmms_worker
    """)
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _show_conflicts(*CONFLICTS_OF)
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
    """


def _show_conflicts(*roots: str) -> None:
    seen = " OR ".join(
        f"EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = conflict.organization_id"
        " AND r.id = conflict.aggregate_id)"
        for root in roots
    )
    _run(f"ALTER POLICY site_only ON conflict USING ({seen})")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
