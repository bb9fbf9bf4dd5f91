"""Remarks on assets, when their revision comes and when it goes: what was said of orders stays."""

import psycopg

from sync_server.storage.migrating import downgrade, migrate
from tests.migrations.filling import NORTH, fill, row_id
from tests.support.postgres import TEST_SECRET

SAID = "SELECT work_order_id IS NULL, count(*) FROM comment GROUP BY 1 ORDER BY 1"
ON_ASSET = """
INSERT INTO comment (organization_id, id, aggregate_id, asset_id, author_id, text, written_at, created_at, updated_at,
  sync_seq) SELECT organization_id, gen_random_uuid(), %s, %s, author_id, 'Loud.', written_at, created_at, updated_at, 1
FROM comment"""


def test_the_release_before_keeps_remarks_on_orders_and_loses_only_those_it_cannot_hold(database_url: str) -> None:
    migrate(database_url, TEST_SECRET)
    fill(database_url, NORTH)
    asset_id = row_id(NORTH, "asset")
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT set_config('app.commit_seq', '1', true)")
        connection.execute(ON_ASSET, (asset_id, asset_id))
        assert connection.execute(SAID).fetchall() == [(False, 1), (True, 1)]
    downgrade(database_url, TEST_SECRET, "0019")
    with psycopg.connect(database_url) as connection:
        assert connection.execute(SAID).fetchall() == [(False, 1)]
    migrate(database_url, TEST_SECRET)
    with psycopg.connect(database_url) as connection:
        assert connection.execute(SAID).fetchall() == [(False, 1)]
