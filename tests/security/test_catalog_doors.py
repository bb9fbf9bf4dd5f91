"""Every door of the database opened, one at a time and by an administrator's hand: the server refuses to serve.

Each case is a statement of a superuser on a migrated database. A door without a case fails here, and so does one that
stands open as the migrations leave it.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sync_server.application import readiness
from sync_server.application.readiness import Readiness
from sync_server.cli.databases import check_revision
from sync_server.errors import EnvironmentFailure, RetryLater
from sync_server.storage.catalog_allowed import SERVING
from sync_server.storage.catalog_check import MOST_THINGS, check_catalog, open_doors
from sync_server.storage.catalog_doors import DOORS
from sync_server.storage.engine import Database
from tests.security.opened_doors import CASES, Case
from tests.support.postgres import TEST_SECRET, Clusters, both_postgres_ends

FIRST = {case.door: case for case in reversed(CASES)}
"""One way to open each door."""


@pytest.fixture(scope="module")
def migrated(clusters: Clusters) -> Iterator[dict[str, str]]:
    """Names of databases that these tests never change, by end."""
    names: dict[str, str] = {}
    yield names
    for end, name in names.items():
        clusters.drop(end, name)


@pytest.fixture
def administrator(clusters: Clusters, migrated: dict[str, str], postgres_end: str) -> Iterator[psycopg.Connection[Any]]:
    """A superuser in a transaction that is taken back."""
    if postgres_end not in migrated:
        migrated[postgres_end] = clusters.new_database(postgres_end, migrated=True)
    with psycopg.connect(clusters.get(postgres_end).url(migrated[postgres_end])) as connection:
        yield connection
        connection.rollback()


def standing_open(connection: psycopg.Connection[Any], role: str = "cmms_authn") -> list[tuple[str, str]]:
    """What the check finds as one of the server's roles."""
    connection.execute(f"SET LOCAL ROLE {role}".encode())
    return [(each.door.name, each.thing) for each in open_doors(connection)]


def by_hand(database_url: str, statements: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(statements.encode())


@both_postgres_ends
@pytest.mark.parametrize("role", SERVING)
def test_all_doors_are_shut_as_the_migrations_leave_them(administrator: psycopg.Connection[Any], role: str) -> None:
    assert standing_open(administrator, role) == []


@both_postgres_ends
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.door}: {case.opened_by[:50]}")
def test_whatever_opens_a_door_is_found(administrator: psycopg.Connection[Any], case: Case) -> None:
    administrator.execute(case.opened_by.encode())
    found = standing_open(administrator)
    assert {door for door, _ in found} == {case.door, *case.beside}
    assert [thing for door, thing in found if door == case.door and case.named in thing]


def test_every_door_is_opened_here() -> None:
    assert FIRST.keys() == {door.name for door in DOORS}
    assert len(DOORS) == len(FIRST)


@both_postgres_ends
def test_the_server_serves_as_long_as_nobody_opens_one(database: Database) -> None:
    database.check_start()
    Readiness(database).check()


@pytest.mark.parametrize("case", FIRST.values(), ids=FIRST)
def test_the_server_refuses_while_a_door_stands_open(database: Database, database_url: str, case: Case) -> None:
    by_hand(database_url, case.opened_by)
    try:
        with pytest.raises(EnvironmentFailure) as refused:
            database.check_start()
    finally:
        by_hand(database_url, case.undone_by)
    assert case.named in str(refused.value)


def test_the_refusal_is_a_sentence_that_names_the_thing_and_counts_the_others(
    administrator: psycopg.Connection[Any],
) -> None:
    for number in range(2 * MOST_THINGS):
        administrator.execute(f"CREATE VIEW v{number} AS TABLE part; GRANT SELECT ON v{number} TO PUBLIC".encode())
    with pytest.raises(EnvironmentFailure) as refused:
        check_catalog(administrator)
    assert str(refused.value) == (
        "Everybody who can connect may use public.v0. Revoke it from PUBLIC."
        f" The server does not serve until then. ({MOST_THINGS - 1} more to be told of.)"
    )


def test_what_the_check_sets_ends_with_it(database_url: str) -> None:
    with psycopg.connect(make_conninfo(database_url, user="cmms_worker"), autocommit=True) as connection:
        before = connection.execute("SHOW search_path").fetchone()
        assert open_doors(connection) == []
        assert connection.execute("SHOW search_path").fetchone() == before
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_a_server_serves_on_beside_the_schema_of_a_later_release_but_not_without_row_security(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migrations run beside the release before them: that knows no later table, but row security all the same."""
    monkeypatch.setattr(readiness, "CHECKED_FOR_S", 0.0)
    asked = Readiness(database)
    by_hand(database_url, "CREATE TABLE word (text text); GRANT SELECT ON word TO cmms_app_sync")
    with pytest.raises(EnvironmentFailure, match=r"public\.word belongs to no organization"):
        asked.check()
    by_hand(database_url, "UPDATE alembic_version SET version_num = '9999'")
    asked.check()
    by_hand(database_url, "ALTER TABLE part NO FORCE ROW LEVEL SECURITY")
    with pytest.raises(EnvironmentFailure, match=r"public\.part lacks forced row level security"):
        asked.check()


def test_a_command_of_another_release_hears_of_the_release_and_not_of_a_door(
    database: Database, database_url: str
) -> None:
    check_revision(database)
    by_hand(database_url, "CREATE TABLE word (text text); GRANT SELECT ON word TO cmms_app_sync")
    with pytest.raises(EnvironmentFailure, match=r"public\.word belongs to no organization"):
        check_revision(database)
    by_hand(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(EnvironmentFailure, match="stands at revision 9999"):
        check_revision(database)


def test_a_command_of_another_release_hears_first_of_a_door_that_no_release_may_open(
    database: Database, database_url: str
) -> None:
    by_hand(database_url, "UPDATE alembic_version SET version_num = '9999'")
    by_hand(database_url, "ALTER TABLE part NO FORCE ROW LEVEL SECURITY")
    with pytest.raises(EnvironmentFailure, match=r"public\.part lacks forced row level security"):
        check_revision(database)


@pytest.mark.parametrize(
    "what",
    [
        "REVOKE ALL ON alembic_version FROM PUBLIC, cmms_app_sync",
        "ALTER TABLE alembic_version RENAME version_num TO number",
    ],
)
def test_a_command_says_of_a_revision_that_it_cannot_read_that_it_is_another_programs(
    database: Database, database_url: str, what: str
) -> None:
    by_hand(database_url, what)
    with pytest.raises(EnvironmentFailure, match="tables of another program"):
        check_revision(database)


@pytest.mark.parametrize("behind_pgbouncer", [False, True])
def test_a_command_waits_no_longer_than_any_for_a_revision_that_somebody_holds(
    database_url: str, behind_pgbouncer: bool
) -> None:
    """Behind a PgBouncer no time limit comes with the connection."""
    with (
        Database(database_url, TEST_SECRET, allow_old_postgres=True, behind_pgbouncer=behind_pgbouncer) as database,
        psycopg.connect(database_url) as holder,
    ):
        holder.execute("LOCK TABLE alembic_version")
        with pytest.raises(RetryLater):
            check_revision(database)
