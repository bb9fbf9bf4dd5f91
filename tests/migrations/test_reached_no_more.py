"""Where people are reached who were dismissed before their devices were forgotten with them."""

import psycopg

from sync_server.storage.migrating import downgrade, migrate
from tests.migrations.filling import NORTH, SOUTH, fill
from tests.support.postgres import TEST_SECRET

GONE = "UPDATE person SET is_active = false WHERE organization_id = %s"
SECRETS = (
    "SELECT num_nonnulls(endpoint, p256dh, auth), revoked_at IS NULL FROM push_subscription WHERE organization_id = %s"
)


def test_who_was_dismissed_before_is_reached_no_more_and_others_are(database_url: str) -> None:
    for organization_id in (NORTH, SOUTH):
        fill(database_url, organization_id)
    downgrade(database_url, TEST_SECRET, "0059")
    with psycopg.connect(database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(GONE, (NORTH,))
    migrate(database_url, TEST_SECRET)
    with psycopg.connect(database_url) as connection:
        assert connection.execute(SECRETS, (NORTH,)).fetchall() == [(0, False)]
        assert connection.execute(SECRETS, (SOUTH,)).fetchall() == [(3, True)]
