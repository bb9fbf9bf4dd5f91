"""Create the first schema: tables, row level security, guards, resolver functions and grants.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0001
Follows: nothing
"""

from collections.abc import Iterator
from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")

TABLE_FILES = (
    "organization",
    "people_and_places",
    "devices",
    "equipment",
    "stock",
    "work_orders",
    "checklists",
    "visits",
    "records",
    "decisions",
    "scope_index",
)

SYNCED = (
    *("person", "site", "team", "team_member", "site_access", "location", "asset_type", "asset", "asset_stub"),
    *("part", "stock_location", "stock_level", "work_order", "work_order_assignment", "work_order_part"),
    *("checklist_template", "checklist", "checklist_item", "work_log", "work_log_event", "stock_movement"),
    *("part_request", "comment", "attachment", "signature", "personal_value", "conflict", "held_mutation"),
)

SERVER_ONLY = (
    *("org_clock", "org_commit", "import_batch", "user_credential", "device", "user_session", "device_scope"),
    *("scope_aggregate", "scope_reason", "scope_head", "applied_mutation", "blob", "import_row"),
)

PARTITIONS = ("work_order_p0", "work_order_p1", "work_order_p2", "work_order_p3")

THIS_ORGANIZATION = "nullif(current_setting('app.organization_id', true), '')::uuid"

THESE_SITES = "(SELECT string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])::uuid[]"

WITH_SITE = ("location", "asset", "asset_stub", "work_order")

OF_WORK_ORDER = (
    *("work_order_assignment", "work_order_part", "checklist", "checklist_item", "work_log", "work_log_event"),
    *("part_request", "comment", "attachment", "signature", "personal_value"),
)

OF_STOCK_LOCATION = ("stock_level", "stock_movement")

ROOTS_WITH_CONFLICTS = (
    *("work_order", "asset", "part", "stock_location", "person", "team", "site", "location", "asset_type"),
)


def upgrade() -> None:
    for name in TABLE_FILES:
        _run_file(name)
    _run_file("guards")
    _run("".join(_guards(table) for table in SYNCED))
    _run("".join(_tenant_policies()))
    _run("".join(_site_policies()))
    _run_file("grants")
    _run("SET LOCAL ROLE cmms_resolver")
    _run_file("resolver")
    _run("SET LOCAL ROLE cmms_owner")


def downgrade() -> None:
    _run("SET LOCAL ROLE cmms_resolver")
    _run("""
        DROP FUNCTION organization_ids(), organization_clocks(), organization_by_domain(text),
          organization_by_slug(text)
    """)
    _run("SET LOCAL ROLE cmms_owner")
    _run(f"DROP TABLE {', '.join(('organization', 'organization_directory', *SERVER_ONLY, *SYNCED))}")
    _run("DROP FUNCTION guard_insert(), guard_update(), guard_removal(), check_stock_level(), guard_stock_level()")
    _run("REVOKE ALL ON alembic_version FROM PUBLIC, cmms_app_sync, cmms_worker, cmms_app_office, cmms_authn")
    _run("REVOKE ALL ON alembic_version FROM cmms_readonly, cmms_backup")


def _run_file(name: str) -> None:
    _run((STATEMENTS / f"{name}.sql").read_text(encoding="utf-8"))


def _run(statements: str) -> None:
    """Run statements as they stand: no placeholder is looked for in them."""
    op.get_bind().exec_driver_sql(statements)


def _guards(table: str) -> str:
    return f"""
        CREATE TRIGGER guard_insert AFTER INSERT ON {table}
          REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_insert();
        CREATE TRIGGER guard_update AFTER UPDATE ON {table}
          REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION guard_update();
        CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON {table}
          FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
    """


def _tenant_policies() -> Iterator[str]:
    """Bind everybody, the owner too; where no tenant is set the setting reads back as '' and no row matches."""
    for table in ("organization", "organization_directory", *SERVER_ONLY, *SYNCED, *PARTITIONS):
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
    for table in (*SERVER_ONLY, *SYNCED, *PARTITIONS):
        rule = f"organization_id = {THIS_ORGANIZATION}"
        yield f"CREATE POLICY organization_only ON {table} USING ({rule}) WITH CHECK ({rule});"
    rule = f"id = {THIS_ORGANIZATION}"
    yield f"CREATE POLICY organization_only ON organization USING ({rule}) WITH CHECK ({rule});"
    for table in ("organization_directory", "org_clock"):
        yield f"CREATE POLICY resolver_reads ON {table} FOR SELECT TO cmms_resolver USING (true);"


def _site_policies() -> Iterator[str]:
    """Narrow the office's lists to its sites. Never on a path that writes or pulls: that would break digests."""
    site = f"site_id = ANY ({THESE_SITES})"
    for table in WITH_SITE:
        yield _site_policy(table, site)
    yield _site_policy("held_mutation", f"site_id IS NULL OR {site}")
    for table in OF_STOCK_LOCATION:
        yield _site_policy(table, _exists("stock_location", table, "stock_location_id") + f" AND r.{site})")
    for table in OF_WORK_ORDER:
        yield _site_policy(table, _exists("work_order", table, "aggregate_id") + ")")
    roots = (_exists(root, "conflict", "aggregate_id") + ")" for root in ROOTS_WITH_CONFLICTS)
    yield _site_policy("conflict", " OR ".join(roots))


def _site_policy(table: str, rule: str) -> str:
    return f"CREATE POLICY site_only ON {table} AS RESTRICTIVE FOR SELECT TO cmms_app_office USING ({rule});"


def _exists(root: str, table: str, column: str) -> str:
    """Open a test for a row of another table, which the office sees through that table's own policy."""
    return (
        f"EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = {table}.organization_id AND r.id = {table}.{column}"
    )
