"""Mail domains, when the directory gives up its one: every organization is found as before, on the way up and down."""

import psycopg

from sync_server.storage.migrating import downgrade, migrate
from tests.migrations.filling import NORTH, SOUTH, fill
from tests.support.postgres import TEST_SECRET

MORE = """
INSERT INTO organization_domain (organization_id, domain, is_primary, verified_at, created_at)
VALUES (%(north)s, 'more.example', false, now(), now()), (%(south)s, 'claimed.example', false, NULL, now())"""
NAMES = ("organization-a.example", "organization-b.example", "more.example", "claimed.example")


def found(owner_url: str) -> list[object]:
    with psycopg.connect(owner_url) as connection:
        return [connection.execute("SELECT organization_by_domain(%s)", (name,)).fetchone()[0] for name in NAMES]  # type: ignore[index]


def test_an_organization_is_found_by_its_domain_before_and_after(database_url: str) -> None:
    for organization_id in (NORTH, SOUTH):
        fill(database_url, organization_id)
    with psycopg.connect(database_url) as connection:
        connection.execute(MORE, {"north": NORTH, "south": SOUTH})
    assert found(database_url) == [NORTH, SOUTH, NORTH, None]
    downgrade(database_url, TEST_SECRET, "0037")
    assert found(database_url) == [NORTH, SOUTH, None, None]
    migrate(database_url, TEST_SECRET)
    assert found(database_url) == [NORTH, SOUTH, None, None]
    with psycopg.connect(database_url) as connection:
        told = connection.execute("SELECT is_primary, verified_at IS NOT NULL FROM organization_domain").fetchall()
    assert told == [(True, True)] * 2
