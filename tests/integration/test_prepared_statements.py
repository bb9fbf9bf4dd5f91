"""What PostgreSQL keeps parsed and planned, through a PgBouncer that has one connection for everybody."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from sync_server.errors import NamesGone, RetryLater
from sync_server.storage import prepared
from sync_server.storage.engine import Database
from sync_server.storage.once_more import once_more
from tests.support.pgbouncer import PROGRAM, a_pgbouncer, can_keep_names
from tests.support.postgres import TEST_SECRET, Clusters

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed: apt-get install pgbouncer")

NORTH = UUID("0190c1f0-0000-7000-8000-000000000001")
SOUTH = UUID("0190c1f0-0000-7000-8000-000000000002")
SCHEMA = (
    "create table note (organization_id uuid, body text);"
    " alter table note enable row level security; alter table note force row level security;"
    " create policy one on note using"
    " (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);"
    " grant select, insert on note to cmms_app_sync;"
    f" insert into note values ('{NORTH}', 'north'), ('{SOUTH}', 'south')"
)
ASK = b"select *, pg_backend_pid() from note where body <> %s"
PREPARED = b"select count(*) from pg_prepared_statements where name like 'cmms%'"


@pytest.fixture(scope="module")
def owner_url(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[str]:
    end = request.config.getoption("--postgres")
    name = clusters.new_database(end, migrated=True)
    with psycopg.connect(clusters.get(end).url(name), autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
    yield clusters.get(end).url(name)
    clusters.drop(end, name)


@pytest.fixture
def pooler_url(owner_url: str) -> Iterator[str]:
    with a_pgbouncer(owner_url, TEST_SECRET, pool=1, most=4) as url:
        yield url


@pytest.fixture
def database(pooler_url: str) -> Iterator[Database]:
    with Database(pooler_url, TEST_SECRET, behind_pgbouncer=True) as opened:
        yield opened


def bodies(database: Database, organization_id: UUID | None = NORTH) -> list[str]:
    with database.transaction("app_sync", organization_id) as connection:
        return [body for (_, body, *_) in connection.execute(ASK, ("nothing",)).fetchall()]


def prepared_count(database: Database) -> int:
    with database.transaction("app_sync", NORTH) as connection:
        ((count,),) = connection.execute(PREPARED, prepare=False).fetchall()
        return int(count)


def prepare_in(database: Database) -> None:
    for _ in range(prepared.AFTER + 2):
        assert bodies(database) == ["north"]
    assert prepared_count(database) == 1


def test_what_is_asked_often_is_prepared_and_answers_each_tenant_with_his_own(database: Database) -> None:
    prepare_in(database)
    assert [bodies(database, each) for each in (SOUTH, NORTH, None, SOUTH)] == [["south"], ["north"], [], ["south"]]
    assert prepared_count(database) == 1


def test_no_tenant_outlives_his_transaction_beside_a_name(database: Database) -> None:
    prepare_in(database)
    with database._pool("app_sync").connection() as raw:
        ((tenant, mark, limit),) = raw.execute(
            "select current_setting('app.organization_id', true), current_setting('cmms.mark', true),"
            " current_setting('statement_timeout')"
        ).fetchall()
    assert (tenant, limit) == ("", "0")
    assert mark


def test_two_processes_use_the_names_of_each_other(database: Database, pooler_url: str) -> None:
    prepare_in(database)
    with Database(pooler_url, TEST_SECRET, behind_pgbouncer=True) as other:
        prepare_in(other)
        assert bodies(database, SOUTH) == ["south"]
    assert prepared_count(database) == 1


def test_processes_that_met_a_connection_before_either_prepared_never_stand_in_each_others_way(
    database: Database, pooler_url: str
) -> None:
    with Database(pooler_url, TEST_SECRET, behind_pgbouncer=True) as other:
        prepared_count(database), prepared_count(other)
        for _ in range(prepared.AFTER + 4):
            for each in (database, other):
                assert bodies(each) == ["north"]
        assert prepared_count(other) == 1


@pytest.mark.parametrize("processes", [1, 3])
def test_processes_that_share_connections_never_fail_for_what_another_prepared(owner_url: str, processes: int) -> None:
    chance = random.Random(processes)
    with a_pgbouncer(owner_url, TEST_SECRET, pool=3, most=12) as url, ExitStack() as stack:
        opened = [stack.enter_context(Database(url, TEST_SECRET, behind_pgbouncer=True)) for _ in range(processes)]
        for _ in range(300):
            first = chance.choices(range(12), weights=[1 / (kind + 1) for kind in range(12)])[0] * 5
            with chance.choice(opened).transaction("app_sync", NORTH) as connection:
                for number in range(first, first + 8):
                    statement = f"select {number % 60}::int from note where body <> %s".encode()
                    assert connection.execute(statement, ("x",)).fetchall() == [(number % 60,)]
        assert prepared_count(opened[0]) > 30


def test_names_are_learnt_whatever_shape_rows_are_asked_in(database: Database, pooler_url: str) -> None:
    prepare_in(database)
    with (
        Database(pooler_url, TEST_SECRET, behind_pgbouncer=True) as other,
        other.transaction("app_sync", NORTH, row_factory=dict_row) as connection,
    ):
        assert [row["body"] for row in connection.execute(ASK, ("nothing",)).fetchall()] == ["north"]


def test_connections_that_are_gone_are_not_remembered_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MOST_MARKS", 3)
    for _ in range(6):
        assert bodies(database) == ["north"]
        with psycopg.connect(database._conninfo("app_sync"), autocommit=True, prepare_threshold=None) as raw:
            raw.execute("discard all")
    assert len(database._names._by_mark) == 3
    prepare_in(database)


def test_a_rollback_forgets_data_and_no_name(database: Database) -> None:
    """The mark of a connection goes with the transaction that gave it; what was prepared in it stays."""
    bodies(database)
    database._names = fresh = prepared.StatementNames()  # of a process that has only just begun
    with psycopg.connect(database._conninfo("app_sync"), autocommit=True, prepare_threshold=None) as raw:
        raw.execute("reset cmms.mark")
    for pool in database._pools.values():
        pool.close()
    database._pools.clear()
    with suppress(ZeroDivisionError), database.transaction("app_sync", NORTH) as connection:
        for _ in range(prepared.AFTER + 1):
            connection.execute(ASK, ("nothing",))
        connection.execute("insert into note values (%s, 'lost')", (NORTH,))
        raise ZeroDivisionError
    assert prepared_count(database) == 1
    assert bodies(database) == ["north"]
    assert database._names is fresh


@pytest.mark.parametrize("clearing", ["deallocate all", "discard all"])
def test_a_connection_that_somebody_cleared_costs_one_request_at_most(database: Database, clearing: str) -> None:
    prepare_in(database)
    with psycopg.connect(database._conninfo("app_sync"), autocommit=True, prepare_threshold=None) as raw:
        raw.execute(clearing.encode())
    with suppress(RetryLater):
        bodies(database)
    assert bodies(database) == ["north"]
    prepare_in(database)


def test_what_is_read_is_asked_once_more_and_nobody_hears_of_a_cleared_connection(database: Database) -> None:
    prepare_in(database)
    with psycopg.connect(database._conninfo("app_sync"), autocommit=True, prepare_threshold=None) as raw:
        raw.execute("deallocate all")  # the mark stays, so that nothing tells before a name is used
    asked = []

    def ask() -> list[str]:
        asked.append(1)
        return bodies(database)

    assert once_more(ask) == ["north"]
    assert len(asked) == 2


def test_a_changed_table_is_asked_once_more_and_no_other_trouble(database: Database, owner_url: str) -> None:
    prepare_in(database)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("alter table note add column added text")
    try:
        assert once_more(lambda: bodies(database)) == ["north"]
    finally:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute("alter table note drop column added")
    answers: list[Exception] = [RetryLater("Busy."), NamesGone("Gone."), NamesGone("Gone.")]

    def ask() -> None:
        raise answers.pop(0)

    with pytest.raises(RetryLater, match="Busy"):
        once_more(ask)
    with pytest.raises(NamesGone):
        once_more(ask)
    assert answers == []


def test_a_table_that_grew_under_a_plan_costs_one_request_at_most(database: Database, owner_url: str) -> None:
    prepare_in(database)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("alter table note add column added text")
    with pytest.raises(RetryLater):
        bodies(database)
    assert bodies(database) == ["north"]
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("alter table note drop column added")


def test_so_many_names_and_no_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST_NAMES", 3)
    for number in range(6):
        for _ in range(prepared.AFTER + 2):
            with database.transaction("app_sync", NORTH) as connection:
                found = connection.execute(f"select {number}::int from note where body <> %s".encode(), ("x",))
                assert found.fetchall() == [(number,)]
    assert prepared_count(database) == 3


def test_without_marks_each_connection_has_a_book_of_its_own(database: Database) -> None:
    """What is done behind a pooler that keeps names by itself, whether this one does or not."""
    database._is_passed_through = False
    assert bodies(database) == ["north"]
    with database._pool("app_sync").connection() as raw:
        assert not isinstance(raw._prepared, prepared.KnownStatements)


def test_the_trial_is_not_misled_by_whoever_gets_a_connection_meanwhile(owner_url: str) -> None:
    with a_pgbouncer(owner_url, TEST_SECRET, pool=2, most=4) as url, ExitStack() as stack:
        conninfo = Database(url, TEST_SECRET, behind_pgbouncer=True)._conninfo("app_sync")
        trial, other = (stack.enter_context(psycopg.connect(conninfo, prepare_threshold=None)) for _ in range(2))

        def prepare(name: bytes, query: bytes) -> object:
            done = trial.pgconn.prepare(name, query)
            other.execute("select 1")  # and keeps the connection that it got
            return done

        watched = SimpleNamespace(pgconn=SimpleNamespace(prepare=prepare), execute=trial.execute)
        assert prepared.is_passed_through(watched)


def test_a_trial_that_fails_says_nothing(database: Database) -> None:
    with psycopg.connect(database._conninfo("app_sync"), prepare_threshold=None) as trial:
        watched = SimpleNamespace(
            pgconn=SimpleNamespace(prepare=lambda name, query: trial.pgconn.prepare(name, b"no sql")),
            execute=trial.execute,
        )
        with pytest.raises(psycopg.errors.SyntaxError):
            prepared.is_passed_through(watched)


@pytest.mark.skipif(not can_keep_names(), reason="this PgBouncer cannot keep prepared statements; 1.22 and later can")
def test_a_pooler_that_keeps_names_by_itself_is_found_out_and_left_to_do_so(owner_url: str) -> None:
    with (
        a_pgbouncer(owner_url, TEST_SECRET, pool=1, most=4, keeps_names=True) as url,
        Database(url, TEST_SECRET, behind_pgbouncer=True) as database,
    ):
        for _ in range(12):
            assert [bodies(database, each) for each in (SOUTH, NORTH)] == [["south"], ["north"]]
            with suppress(ZeroDivisionError), database.transaction("app_sync", NORTH) as connection:
                connection.execute(ASK, ("nothing",))
                raise ZeroDivisionError
        assert database._is_passed_through is False
        assert prepared_count(database) == 0
