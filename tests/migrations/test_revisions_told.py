"""Each revision stands in the activity log of every organization, in the transaction that brought it."""

import psycopg
import pytest

from sync_server.application.activity_proof import prove
from sync_server.application.organizations import create_organization
from sync_server.errors import RetryLater
from sync_server.storage import epochs
from sync_server.storage.engine import Database
from sync_server.storage.migrating import downgrade, head_revision, migrate
from sync_server.storage.origins import commanded
from sync_server.storage.roles import MIGRATOR, role_password
from tests.support.postgres import TEST_SECRET, both_postgres_ends

HEAD = head_revision()
ONE_BEFORE, TWO_BEFORE = (f"{int(HEAD) - back:04}" for back in (1, 2))
TOLD = """
SELECT organization_id::text, body::json -> 'old' ->> 'revision', body::json -> 'new' ->> 'revision',
  body::json ->> 'command'
FROM activity_log WHERE act = 'schema.migrated' AND seq > %s ORDER BY organization_id, seq
"""


def told(owner_url: str, after: int = 0) -> list[tuple[str, str, str, str | None]]:
    with psycopg.connect(owner_url) as connection:
        return [tuple(line) for line in connection.execute(TOLD, (after,)).fetchall()]


@both_postgres_ends
def test_each_revision_is_told_once_to_every_organization_and_to_none_when_it_fails(
    database: Database, database_url: str
) -> None:
    organizations = sorted(create_organization(database, slug, "Organization") for slug in ("north", "south"))
    downgrade(database_url, TEST_SECRET, TWO_BEFORE)
    down = [(HEAD, ONE_BEFORE, None), (ONE_BEFORE, TWO_BEFORE, None)]
    assert told(database_url) == [(each, *step) for each in organizations for step in down]
    with psycopg.connect(database_url) as holder:
        holder.execute("SELECT FROM activity_head WHERE organization_id = %s FOR UPDATE", (organizations[1],))
        with pytest.raises(RetryLater):
            migrate(database_url, TEST_SECRET)
    assert told(database_url, after=3) == [], "a revision that was not kept is told to nobody"
    as_migrator = psycopg.conninfo.make_conninfo(
        database_url, user=MIGRATOR, password=role_password(TEST_SECRET, "migrator")
    )
    with commanded("migrate"):
        migrate(as_migrator, TEST_SECRET)
        migrate(as_migrator, TEST_SECRET)
    up = [(TWO_BEFORE, ONE_BEFORE, "migrate"), (ONE_BEFORE, HEAD, "migrate")]
    assert told(database_url, after=3) == [(each, *step) for each in organizations for step in up]
    assert [prove(database, each).fault for each in organizations] == [None, None]


def without_this_month(owner_url: str) -> None:
    """A database as of a year ago: nobody has made the month of today in it, and nothing is told since."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM activity_log")
        connection.execute("DELETE FROM activity_head")
        (month,) = connection.execute("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')").fetchone() or ("",)
        connection.execute(f"DROP TABLE activity_log_{month}".encode())


def test_a_database_that_nobody_ran_for_long_has_the_month_that_a_line_needs(
    database: Database, database_url: str
) -> None:
    organization_id = create_organization(database, "north", "North")
    without_this_month(database_url)
    downgrade(database_url, TEST_SECRET, ONE_BEFORE)
    without_this_month(database_url)
    migrate(database_url, TEST_SECRET)
    assert told(database_url) == [(organization_id, ONE_BEFORE, HEAD, None)]
    without_this_month(database_url)
    assert epochs.rotate_all(database, reason="the runbook") == [organization_id]
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT act FROM activity_log").fetchall() == [("history.begun",)]
