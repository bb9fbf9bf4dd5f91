"""The door to the database on both supported ends, with roles of the tests' own in clusters of their own."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from uuid import UUID

import psycopg
import pytest
from psycopg import IsolationLevel, sql
from psycopg.rows import dict_row

from sync_server.errors import Bug, EnvironmentFailure, Refused, RetryLater
from sync_server.storage import engine, start_check
from sync_server.storage.embedded import Cluster
from sync_server.storage.engine import SERVING_ROLES, Database, login_name
from sync_server.storage.roles import role_password
from tests.support.postgres import SHUT, TEST_SECRET, Clusters, both_postgres_ends

pytestmark = both_postgres_ends

NORTH = UUID("0190c1f0-0000-7000-8000-000000000001")
SOUTH = UUID("0190c1f0-0000-7000-8000-000000000002")
SCHEMA = """
CREATE TABLE note (
  organization_id uuid NOT NULL,
  id int NOT NULL,
  body text NOT NULL CHECK (body <> 'forbidden'),
  parent int,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, parent) REFERENCES note DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY one_organization ON note
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY one_site ON note AS RESTRICTIVE FOR SELECT TO cmms_app_office
  USING (current_setting('app.site_ids', true) IS NOT NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON note TO cmms_app_sync, cmms_app_office, cmms_worker, cmms_authn;
"""
INSERT = "INSERT INTO note (organization_id, id, body) VALUES (%s, %s, %s)"


@pytest.fixture(scope="module")
def private_clusters() -> Iterator[Clusters]:
    """Clusters whose roles these tests may spoil."""
    every = Clusters()
    yield every
    every.stop()


@pytest.fixture
def private_cluster(private_clusters: Clusters, postgres_end: str) -> Cluster:
    return private_clusters.get(postgres_end)


@pytest.fixture
def owner_url(private_clusters: Clusters, private_cluster: Cluster, postgres_end: str) -> Iterator[str]:
    """A superuser's URL of a database with one table of two tenants, and fresh serving roles."""
    name = private_clusters.new_database(postgres_end, migrated=False)
    with psycopg.connect(private_cluster.url(name), autocommit=True) as connection:
        for role in SERVING_ROLES:
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            password = role_password(TEST_SECRET, role)
            connection.execute(statement.format(sql.Identifier(login_name(role)), sql.Literal(password)))
        connection.execute(SCHEMA)
        connection.execute(sql.SQL(SHUT).format(sql.Identifier(name)))
        connection.cursor().executemany(INSERT, [(NORTH, 1, "north"), (SOUTH, 1, "south")])
    yield private_cluster.url(name)
    with psycopg.connect(private_cluster.url(name), autocommit=True) as connection:
        for role in SERVING_ROLES:
            connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(login_name(role))))
    private_clusters.drop(postgres_end, name)


@pytest.fixture
def database(owner_url: str) -> Iterator[Database]:
    with Database(owner_url, TEST_SECRET) as opened:
        yield opened


def as_owner(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def eventually(ask: Callable[[], list[str]]) -> list[str]:
    """Ask again as a client would, for 10 s at most; the pool waits 1 s inside each question."""
    for _ in range(10):
        with suppress(RetryLater):
            return ask()
    return ask()


def bodies(database: Database, organization_id: UUID | None) -> list[str]:
    with database.transaction("app_sync", organization_id) as connection:
        return [body for (body,) in connection.execute("SELECT body FROM note ORDER BY id").fetchall()]


def test_a_transaction_sees_its_own_organization_only(database: Database) -> None:
    assert bodies(database, NORTH) == ["north"]
    assert bodies(database, SOUTH) == ["south"]


def test_without_an_organization_nothing_is_seen(database: Database) -> None:
    bodies(database, NORTH)  # the same pooled connection served a tenant before
    assert bodies(database, None) == []


def test_the_tenant_does_not_outlive_its_transaction(database: Database) -> None:
    with database.transaction("app_sync", NORTH) as connection:
        pid = connection.info.backend_pid
    with database._pool("app_sync").connection() as raw:
        assert raw.info.backend_pid == pid
        row = raw.execute("SELECT current_setting('app.organization_id', true)").fetchone()
    assert row == ("",)


def test_writing_for_another_organization_is_a_bug_not_a_row(database: Database) -> None:
    with pytest.raises(Bug), database.transaction("app_sync", NORTH) as connection:
        connection.execute(INSERT, (SOUTH, 2, "smuggled"))
    assert bodies(database, SOUTH) == ["south"]


def test_an_exception_in_the_block_rolls_everything_back(database: Database) -> None:
    with pytest.raises(Refused, match="no"), database.transaction("app_sync", NORTH) as connection:  # noqa: PT012
        connection.execute(INSERT, (NORTH, 2, "lost"))
        raise Refused("not_allowed", "no")
    assert bodies(database, NORTH) == ["north"]


def test_committing_inside_the_block_is_a_bug(database: Database) -> None:
    with pytest.raises(Bug), database.transaction("app_sync", NORTH) as connection:  # noqa: PT012
        connection.execute(INSERT, (NORTH, 2, "early"))
        connection.commit()
    assert bodies(database, NORTH) == ["north"]


def test_a_savepoint_loses_only_its_own_part(database: Database) -> None:
    with database.transaction("app_sync", NORTH) as connection:
        connection.execute(INSERT, (NORTH, 2, "kept"))
        with pytest.raises(psycopg.errors.UniqueViolation), connection.transaction():
            connection.execute(INSERT, (NORTH, 1, "twice"))
    assert bodies(database, NORTH) == ["north", "kept"]


def test_isolation_and_read_only_hold_for_one_transaction_each(database: Database) -> None:
    ask = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
    seen = []
    with database.transaction(
        "app_sync", NORTH, isolation=IsolationLevel.REPEATABLE_READ, read_only=True
    ) as connection:
        seen.append(connection.execute(ask).fetchone())
    with database.transaction("app_sync", NORTH) as connection:
        seen.append(connection.execute(ask).fetchone())
    assert seen == [("repeatable read", "on"), ("read committed", "off")]


def test_rows_come_in_the_asked_shape_once(database: Database) -> None:
    with database.transaction("app_sync", NORTH, row_factory=dict_row) as connection:
        assert connection.execute("SELECT id, body FROM note").fetchone() == {"id": 1, "body": "north"}
    with database.transaction("app_sync", NORTH) as connection:
        assert connection.execute("SELECT id, body FROM note").fetchone() == (1, "north")


@pytest.mark.parametrize("behind_pgbouncer", [False, True])
def test_every_transaction_has_time_limits(owner_url: str, behind_pgbouncer: bool) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with (
        Database(owner_url, TEST_SECRET, behind_pgbouncer=behind_pgbouncer) as database,
        database.transaction("app_sync", NORTH) as connection,
    ):
        limits = [connection.execute("SELECT current_setting(%s)", (name,)).fetchone() for name in names]
    assert limits == [("10s",), ("2s",), ("15s",)]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("INSERT INTO note VALUES (%(org)s, 1, 'twice', NULL)", "conflicting_reference"),
        ("INSERT INTO note VALUES (%(org)s, 2, 'orphan', 99)", "conflicting_reference"),
        ("INSERT INTO note VALUES (%(org)s, 2, 'forbidden', NULL)", "invalid_value"),
        ("INSERT INTO note VALUES (%(org)s, 2, NULL, NULL)", "invalid_value"),
        ("INSERT INTO note VALUES (%(org)s, 2, repeat('x', 3), 3000000000)", "invalid_value"),
        ("INSERT INTO note VALUES (%(org)s, 2, %(nul)s, NULL)", "invalid_value"),
    ],
)
def test_a_constraint_that_says_no_becomes_a_neutral_refusal(database: Database, statement: str, code: str) -> None:
    with pytest.raises(Refused) as refusal, database.transaction("app_sync", NORTH) as connection:
        connection.execute(statement.encode(), {"org": NORTH, "nul": "a\0b"})
    assert refusal.value.code == code
    assert "note" not in refusal.value.sentence


def test_a_deadlock_asks_one_side_to_come_again(database: Database) -> None:
    with database.transaction("app_sync", NORTH) as connection:
        connection.execute(INSERT, (NORTH, 2, "second"))
    both_hold_one = Barrier(2)

    def update(first: int, second: int) -> str:
        try:
            with database.transaction("app_sync", NORTH) as connection:
                connection.execute("UPDATE note SET body = 'x' WHERE id = %s", (first,))
                both_hold_one.wait(timeout=60)
                connection.execute("UPDATE note SET body = 'x' WHERE id = %s", (second,))
        except RetryLater:
            return "retry"
        return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = [each.result(timeout=60) for each in (threads.submit(update, 1, 2), threads.submit(update, 2, 1))]
    assert sorted(outcomes) == ["done", "retry"]


def test_a_write_skew_under_serializable_asks_one_side_to_come_again(database: Database) -> None:
    both_have_read = Barrier(2)

    def add(number: int) -> str:
        try:
            with database.transaction("app_sync", NORTH, isolation=IsolationLevel.SERIALIZABLE) as connection:
                connection.execute("SELECT count(*) FROM note").fetchone()
                both_have_read.wait(timeout=60)
                connection.execute(INSERT, (NORTH, number, "counted"))
        except RetryLater:
            return "retry"
        return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = [each.result(timeout=60) for each in (threads.submit(add, 2), threads.submit(add, 3))]
    assert sorted(outcomes) == ["done", "retry"]


def test_a_lock_that_stays_taken_asks_to_come_again(database: Database, owner_url: str) -> None:
    with psycopg.connect(owner_url) as holder:
        holder.execute("SELECT * FROM note FOR UPDATE")
        began = time.monotonic()
        with pytest.raises(RetryLater), database.transaction("app_sync", NORTH) as connection:
            connection.execute("UPDATE note SET body = 'x'")
        assert 1.5 < time.monotonic() - began < 8


def test_a_restarted_server_costs_one_request_however_many_connections_were_idle(
    database: Database, private_cluster: Cluster
) -> None:
    all_open = Barrier(4)

    def open_one() -> None:
        with database.transaction("app_sync", NORTH):
            all_open.wait(timeout=60)

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(open_one) for _ in range(4)]:
            each.result(timeout=60)
    private_cluster.kill()
    private_cluster.start()
    with pytest.raises(RetryLater):
        bodies(database, NORTH)
    assert [bodies(database, NORTH) for _ in range(4)] == [["north"]] * 4


def test_a_stopped_server_asks_to_come_again_and_is_found_when_it_is_back(
    database: Database, private_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "POOL_WAIT_S", 1.0)
    assert bodies(database, NORTH) == ["north"]
    private_cluster.kill()
    for _ in range(2):
        with pytest.raises(RetryLater):
            bodies(database, NORTH)
    private_cluster.start()
    assert eventually(lambda: bodies(database, NORTH)) == ["north"]


def test_the_start_check_accepts_the_serving_roles(database: Database) -> None:
    database.check_start()


def test_the_start_check_accepts_what_the_migrations_make(database_url: str) -> None:
    with Database(database_url, TEST_SECRET, allow_old_postgres=True) as database:
        database.check_start()


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        ("ALTER ROLE cmms_worker SUPERUSER", "cmms_worker is a superuser"),
        ("ALTER ROLE cmms_app_office BYPASSRLS", "cmms_app_office bypasses"),
        ("CREATE TABLE loose (id int); ALTER TABLE loose OWNER TO cmms_app_sync", "cmms_app_sync owns tables"),
        ("GRANT postgres TO cmms_app_sync", "cmms_app_sync is a superuser"),
        ("ALTER TABLE note NO FORCE ROW LEVEL SECURITY", "note lacks forced row level security"),
        ("ALTER TABLE note DISABLE ROW LEVEL SECURITY", "note lacks forced row level security"),
    ],
)
def test_the_start_check_refuses_what_row_security_does_not_bind(
    database: Database, owner_url: str, spoil: str, complaint: str
) -> None:
    as_owner(owner_url, spoil)
    with pytest.raises(EnvironmentFailure, match=complaint):
        database.check_start()


def test_the_start_check_says_when_the_roles_are_missing(private_cluster: Cluster) -> None:
    with (
        Database(private_cluster.url("postgres"), TEST_SECRET) as database,
        pytest.raises(EnvironmentFailure, match="migrate"),
    ):
        database.check_start()


def test_an_old_minor_version_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_check, "LEAST_MINORS", {15: 99, 18: 99})
    with pytest.raises(EnvironmentFailure, match=r"\.99 is the least version"):
        database.check_start()


def test_a_developer_may_allow_an_old_minor_version_and_is_warned(
    owner_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(start_check, "LEAST_MINORS", {15: 99, 18: 99})
    with Database(owner_url, TEST_SECRET, allow_old_postgres=True) as database:
        database.check_start()
    assert ["least version" in each for each in caplog.messages] == [True]


def test_an_old_major_version_is_refused_whatever_a_developer_says(
    owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_check, "LEAST_MAJOR", 99)
    with (
        Database(owner_url, TEST_SECRET, allow_old_postgres=True) as database,
        pytest.raises(EnvironmentFailure, match="too old"),
    ):
        database.check_start()


def test_the_derived_password_is_the_one_that_opens_the_door(
    owner_url: str, private_cluster: Cluster, private_clusters: Clusters
) -> None:
    hba = private_cluster.folder / "data" / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    try:
        as_owner(owner_url, "SELECT pg_reload_conf()")
        with Database(owner_url, TEST_SECRET) as database:
            database.check_start()
        with Database(owner_url, bytes(32)) as stranger, pytest.raises(EnvironmentFailure, match="password"):
            stranger.check_start()
    finally:
        hba.write_text(before)
        as_owner(owner_url, "SELECT pg_reload_conf()")
