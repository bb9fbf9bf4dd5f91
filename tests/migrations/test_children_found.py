"""Indexes of 0045: whoever removes or lists does not read a table whole, and what was left half built is built anew."""

import re
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from sync_server.application import office_lists
from sync_server.application.office_lists import whole_office_reading
from sync_server.application.seeding.bulk import load_work_orders, synthetic_orders
from sync_server.storage import tenant_tables
from sync_server.storage.migrating import downgrade, migrate
from tests.migrations.filling import NORTH, fill
from tests.support.postgres import TEST_SECRET
from tests.support.server_side import Organization, Server

ORDERS = 3_000
COPIES = """
INSERT INTO {0} SELECT r.* FROM {0} AS t, generate_series(1, %s) AS n,
  LATERAL (SELECT md5(n || '{0}')::uuid) AS made (fresh),
  jsonb_populate_record(NULL::{0}, to_jsonb(t) || jsonb_build_object('id', fresh, 'aggregate_id', fresh,
    'code_conflict', true, 'external_id', NULL, 'number', n)) AS r"""
WITH_CHILDREN = ("asset", "comment", "location", "work_order")


class Explained:
    """A connection that says how PostgreSQL would go about a statement, instead of running it."""

    def __init__(self, connection: Connection[TupleRow]) -> None:
        self.connection = connection
        self.plan = ""

    def execute(self, query: Any, values: Any) -> Any:
        asked = self.connection.execute(sql.SQL("EXPLAIN (COSTS OFF) {}").format(query), values)
        self.plan = "\n".join(line for (line,) in asked)
        return asked


@pytest.fixture(scope="module")
def organization(server: Server) -> Organization:
    """One with many orders, of which PostgreSQL has counted the rows."""
    made = server.organization()
    site = made.site()
    load_work_orders(made.database, made.id, synthetic_orders(ORDERS, site_id=str(site["id"])))
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE work_order")
    return made


def test_the_office_lists_orders_by_an_index_and_sorts_nothing(organization: Organization) -> None:
    with whole_office_reading(organization.database, organization.id) as connection:
        explained = Explained(connection)
        values = (organization.id, None, None, "", 100)
        explained.execute(office_lists.ORDERS, values)
    assert "Index Scan using ix_work_order_p" in explained.plan
    assert "_number on work_order_p" in explained.plan
    assert "Sort" not in explained.plan


@pytest.mark.parametrize("table", WITH_CHILDREN)
def test_a_removal_finds_what_hangs_on_a_row_by_an_index(organization: Organization, table: str) -> None:
    """Of a table with few rows the planner would read all: what is asked is whether it could do without."""
    with organization.database.transaction("migrator", organization.id) as connection:
        connection.execute("set local role cmms_owner")
        (found,) = [each for each in tenant_tables.tenant_tables(connection) if each.name == table]
        connection.execute("set local enable_seqscan = off")
        connection.execute("set local enable_hashjoin = off")
        connection.execute("set local enable_mergejoin = off")
        explained = Explained(connection)
        tenant_tables.remove_rows(explained, found, organization.id, limit=100)  # type: ignore[arg-type]
    assert found.parents == ("parent_id",)
    assert re.search(rf"using ix_{table}(_p\d)?_parent_id on", explained.plan), explained.plan


MANY = 10_001
"""Rows from which an index is built beside the writers."""


@pytest.mark.parametrize("count", [0, MANY], ids=["few rows", "many rows"])
def test_an_index_that_was_left_half_built_is_built_anew(database_url: str, count: int) -> None:
    migrate(database_url, TEST_SECRET)
    fill(database_url, NORTH)
    downgrade(database_url, TEST_SECRET, "0044")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET app.commit_seq = '1'")
        for table in ("asset", "work_order") if count else ():
            connection.execute(COPIES.format(table).encode(), (count,))
        connection.execute("CREATE INDEX ix_asset_parent_id ON asset (organization_id, parent_id)")
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_asset_parent_id'::regclass")
        connection.execute(
            "CREATE INDEX ix_work_order_number ON ONLY work_order (organization_id, number) WHERE deleted_at IS NULL"
        )
    migrate(database_url, TEST_SECRET)
    with psycopg.connect(database_url) as connection:
        invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
        assert connection.execute(invalid).fetchall() == []
        parts = connection.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent IN"
            " ('ix_work_order_number'::regclass, 'ix_work_order_parent_id'::regclass)"
        ).fetchone()
        definition = connection.execute("SELECT pg_get_indexdef('ix_asset_parent_id'::regclass)").fetchone()
    assert parts == (8,)
    assert definition is not None
    assert "WHERE (parent_id IS NOT NULL)" in definition[0]
