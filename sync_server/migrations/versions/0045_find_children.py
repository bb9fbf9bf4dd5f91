"""Index what hangs on a row of its own table, and live orders by number, while everybody works.

Whoever removes a row asks what hangs on it: without an index each question reads the table. Indexes of a table with
many rows are built beside the writers, for orders one part of the table after the other; one that was left half made is
made anew. Nobody waits for these builds, so they may wait for old transactions longer than a lock that holds others up.

Revision: 0045
Follows: 0044. Runs beside the release before, which only gets faster.
"""

from collections.abc import Iterator

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

FEW = 10_000
"""Rows over which an index is built sooner than anybody notices."""
CHILDREN = "(organization_id, parent_id) WHERE parent_id IS NOT NULL"
INDEXES = (
    ("location", "parent_id", CHILDREN),
    ("asset", "parent_id", CHILDREN),
    ("comment", "parent_id", CHILDREN),
    ("work_order", "parent_id", CHILDREN),
    ("work_order", "number", "(organization_id, number) WHERE deleted_at IS NULL"),
)
PARTS = ("work_order_p0", "work_order_p1", "work_order_p2", "work_order_p3")
IS_HALF_MADE = "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('{}') AND NOT indisvalid)"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _run("RESET ROLE")  # who owns the tables sees no row
        large = [table for table in ("location", "asset", "comment", "work_order") if _is_large(table)]
        _run("SET ROLE cmms_owner")
        _run("; ".join(line for index in INDEXES if index[0] not in large for line in _lines(*index)) or "SELECT")
        _run("SET lock_timeout = '5min'")
        for line in [line for index in INDEXES if index[0] in large for line in _lines(*index, is_large=True)]:
            _run(line)
        _run("SET lock_timeout = '4s'")


def downgrade() -> None:
    _run(f"DROP INDEX {', '.join(f'ix_{table}_{column}' for table, column, _ in INDEXES)}")


def _is_large(table: str) -> bool:
    counted = f"SELECT count(*) > {FEW} FROM (SELECT FROM {table} LIMIT {FEW + 1}) AS counted"
    return bool(op.get_bind().exec_driver_sql(counted).scalar_one())


def _lines(table: str, column: str, definition: str, *, is_large: bool = False) -> Iterator[str]:
    """Give the statements that build one index. Without many rows they run together: all of them or none."""
    if table != "work_order":
        yield from _building(f"ix_{table}_{column}", table, definition, is_large=is_large)
        return
    yield f"CREATE INDEX IF NOT EXISTS ix_work_order_{column} ON ONLY work_order {definition}"
    for part in PARTS:
        yield from _building(f"ix_{part}_{column}", part, definition, is_large=is_large)
        yield f"ALTER INDEX ix_work_order_{column} ATTACH PARTITION ix_{part}_{column}"


def _building(name: str, table: str, definition: str, *, is_large: bool) -> Iterator[str]:
    how = " CONCURRENTLY" if is_large else ""
    if op.get_bind().exec_driver_sql(IS_HALF_MADE.format(name)).scalar_one():
        yield f"DROP INDEX{how} {name}"
    yield f"CREATE INDEX{how} IF NOT EXISTS {name} ON {table} {definition}"


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)
