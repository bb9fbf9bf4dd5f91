"""Photos of assets, when their revision comes and when it goes: what was photographed on orders stays."""

import psycopg

from sync_server.storage.migrating import downgrade, migrate
from tests.migrations.filling import NORTH, fill, row_id
from tests.support.postgres import TEST_SECRET

KEPT = "SELECT work_order_id IS NULL, count(*) FROM attachment GROUP BY 1 ORDER BY 1"
OF_ASSET = """
INSERT INTO attachment (organization_id, id, aggregate_id, asset_id, author_id, sha256, media_type, size_bytes,
  taken_at, created_at, updated_at, sync_seq) SELECT organization_id, gen_random_uuid(), %s, %s, author_id, sha256,
  media_type, size_bytes, taken_at, created_at, updated_at, 1 FROM attachment"""


def test_the_release_before_keeps_photos_of_orders_and_loses_only_those_it_cannot_hold(database_url: str) -> None:
    migrate(database_url, TEST_SECRET)
    fill(database_url, NORTH)
    asset_id = row_id(NORTH, "asset")
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT set_config('app.commit_seq', '1', true)")
        connection.execute(OF_ASSET, (asset_id, asset_id))
        assert connection.execute(KEPT).fetchall() == [(False, 1), (True, 1)]
    downgrade(database_url, TEST_SECRET, "0045")
    with psycopg.connect(database_url) as connection:
        assert connection.execute(KEPT).fetchall() == [(False, 1)]
    migrate(database_url, TEST_SECRET)
    with psycopg.connect(database_url) as connection:
        assert connection.execute(KEPT).fetchall() == [(False, 1)]
