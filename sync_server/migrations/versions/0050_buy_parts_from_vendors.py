"""Let parts be bought from vendors, reordered when they run low, and lie where there is room for them.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes. What
refers to a vendor is looked at by 0051, while people go on writing.

Revision: 0050
Follows: 0049. Runs beside the release before, which knows neither tables nor columns.
"""

import re
from pathlib import Path

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
STRANGE = "NEW.sync_seq IS DISTINCT FROM nullif(current_setting('app.commit_seq', true), '')::bigint"
MOVED = (
    "(OLD.organization_id, OLD.id, OLD.aggregate_id) IS DISTINCT FROM (NEW.organization_id, NEW.id, NEW.aggregate_id)"
)
AROUND = f"""
CREATE TRIGGER guard_insert AFTER INSERT ON vendor FOR EACH ROW WHEN ({STRANGE}) EXECUTE FUNCTION guard_row();
CREATE TRIGGER guard_update BEFORE UPDATE ON vendor FOR EACH ROW
  WHEN ({STRANGE} OR {MOVED}) EXECUTE FUNCTION guard_row();
CREATE TRIGGER guard_removal BEFORE DELETE OR TRUNCATE ON vendor
  FOR EACH STATEMENT EXECUTE FUNCTION guard_removal();
ALTER TABLE vendor ENABLE ROW LEVEL SECURITY;
ALTER TABLE vendor FORCE ROW LEVEL SECURITY;
ALTER TABLE vendor_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE vendor_contact FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_only ON vendor USING ({RULE}) WITH CHECK ({RULE});
CREATE POLICY organization_only ON vendor_contact USING ({RULE}) WITH CHECK ({RULE});
GRANT SELECT ON vendor TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE ON vendor TO cmms_app_sync, cmms_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON vendor_contact TO cmms_authn;
GRANT SELECT ON vendor_contact TO cmms_backup
"""
POLICY = (
    "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy"
    " WHERE polrelid = 'conflict'::regclass AND polname = 'site_only'"
)
ROOT = re.compile(r"FROM (\w+) r\b")
COLUMNS = (
    "ALTER TABLE part ADD COLUMN vendor_id uuid, ADD COLUMN reorder_point numeric(14, 4),"
    " ADD COLUMN reorder_quantity numeric(14, 4)",
    "ALTER TABLE part ADD CONSTRAINT ck_part_reorder_point CHECK (reorder_point >= 0 AND reorder_point <> 'NaN')"
    " NOT VALID, ADD CONSTRAINT ck_part_reorder_quantity"
    " CHECK (reorder_quantity >= 0.0001 AND reorder_quantity <> 'NaN') NOT VALID",
    "ALTER TABLE stock_location ADD COLUMN capacity numeric(14, 4)",
    "ALTER TABLE stock_location ADD CONSTRAINT ck_stock_location_capacity"
    " CHECK (capacity >= 0.0001 AND capacity <> 'NaN') NOT VALID",
    "ALTER TABLE stock_movement ADD COLUMN vendor_id uuid",
    "ALTER TABLE part_request ADD COLUMN vendor_id uuid",
)
NAMING = ("part", "part_request", "stock_movement")
"""Tables that name a vendor."""


def upgrade() -> None:
    _run((STATEMENTS / "tables.sql").read_text(encoding="utf-8"))
    _run(AROUND)
    _run((STATEMENTS / "levels.sql").read_text(encoding="utf-8"))
    _show_conflicts(*_shown(), "vendor")
    # last, and without looking at the rows: nobody writes these from here to the end
    for statement in COLUMNS:
        _run(statement)
    for table in NAMING:
        _run(
            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_vendor_id FOREIGN KEY (organization_id, vendor_id)"
            " REFERENCES vendor (organization_id, id) DEFERRABLE NOT VALID"
        )
    _run((STATEMENTS / "meanings.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run((STATEMENTS / "levels_before.sql").read_text(encoding="utf-8"))
    _show_conflicts(*(root for root in _shown() if root != "vendor"))
    for table in NAMING:
        _run(f"ALTER TABLE {table} DROP COLUMN vendor_id")
    _run("ALTER TABLE part DROP COLUMN reorder_point, DROP COLUMN reorder_quantity")
    _run("ALTER TABLE stock_location DROP COLUMN capacity")
    _run("DROP TABLE vendor_contact, vendor")


def _shown() -> list[str]:
    """Give the roots about which the office is shown conflicts, as the policy stands."""
    return ROOT.findall(op.get_bind().exec_driver_sql(POLICY).scalar_one())


def _show_conflicts(*roots: str) -> None:
    """Let the office see a conflict when it sees the record that it is about, by the policy of that one's table."""
    seen = " OR ".join(
        f"EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = conflict.organization_id"
        " AND r.id = conflict.aggregate_id)"
        for root in roots
    )
    _run(f"ALTER POLICY site_only ON conflict USING ({seen})")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
