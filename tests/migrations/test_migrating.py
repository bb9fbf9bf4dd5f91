"""`migrate` itself: who may run it, twice at once, half-way failures, and the words it refuses with."""

import base64
import hashlib
import hmac
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sync_server.errors import EnvironmentFailure, RetryLater
from sync_server.storage.migrating import current_revision, downgrade, head_revision, migrate
from sync_server.storage.roles import ROLES, role_password
from tests.migrations.catalog import TABLES, facts, snapshot
from tests.support.postgres import DEBIAN_15, EMBEDDED, TEST_SECRET, Clusters, both_postgres_ends

REPOSITORY = Path(__file__).parents[2]
OTHER_SECRET = bytes(range(1, 33))


@pytest.fixture
def fresh(postgres_end: str) -> Iterator[Clusters]:
    """A cluster of this test's own, without any of our roles."""
    clusters = Clusters()
    clusters.get(postgres_end)
    yield clusters
    clusters.stop()


def run_as_superuser(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {str(fact[0]) for fact in facts(connection, TABLES)}


def migrate_in_processes(urls: list[str]) -> list[tuple[int, str]]:
    """Migrate each database in a process of its own, all at once; give exit codes and complaints."""
    program = "import sys; from sync_server.storage.migrating import migrate; migrate(sys.argv[1], bytes(range(32)))"
    running = [
        subprocess.Popen([sys.executable, "-c", program, url], stderr=subprocess.PIPE, text=True, cwd=REPOSITORY)
        for url in urls
    ]
    return [
        (process.returncode, complaint) for process in running for _, complaint in [process.communicate(timeout=60)]
    ]


@both_postgres_ends
def test_runs_at_once_on_one_database_make_it_once(empty_database_url: str) -> None:
    assert migrate_in_processes([empty_database_url] * 3) == [(0, "")] * 3
    assert current_revision(empty_database_url) == head_revision()


@both_postgres_ends
def test_databases_of_one_new_cluster_are_migrated_at_once(fresh: Clusters, postgres_end: str) -> None:
    urls = [fresh.get(postgres_end).url(fresh.new_database(postgres_end, migrated=False)) for _ in range(4)]
    assert migrate_in_processes(urls) == [(0, "")] * 4
    assert [current_revision(url) for url in urls] == [head_revision()] * 4


def test_threads_of_one_process_migrate_one_after_the_other(clusters: Clusters) -> None:
    names = [clusters.new_database(EMBEDDED, migrated=False) for _ in range(3)]
    urls = [clusters.get(EMBEDDED).url(name) for name in names]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(lambda url: migrate(url, TEST_SECRET), urls * 2, timeout=60)) == [None] * 6
    assert [current_revision(url) for url in urls] == [head_revision()] * 3
    for name in names:
        clusters.drop(EMBEDDED, name)


@both_postgres_ends
def test_a_revision_that_fails_half_way_leaves_nothing(empty_database_url: str) -> None:
    run_as_superuser(empty_database_url, "CREATE TABLE blob (id int)")
    with pytest.raises(EnvironmentFailure, match="another program"):
        migrate(empty_database_url, TEST_SECRET)
    assert tables(empty_database_url) == {"blob"}
    assert current_revision(empty_database_url) is None


def test_a_revision_gives_up_soon_where_somebody_holds_a_table(database_url: str) -> None:
    downgrade(database_url, TEST_SECRET, "0001")
    before = snapshot(database_url)
    with psycopg.connect(database_url) as reader:
        reader.execute("SELECT FROM work_order")
        with pytest.raises(RetryLater):
            downgrade(database_url, TEST_SECRET, "base")
    assert snapshot(database_url) == before


@pytest.mark.parametrize("postgres_end", [EMBEDDED], indirect=True)
def test_an_owner_who_may_make_roles_need_not_be_a_superuser(fresh: Clusters, postgres_end: str) -> None:
    cluster = fresh.get(postgres_end)
    run_as_superuser(
        cluster.url(), "CREATE ROLE landlord LOGIN CREATEROLE BYPASSRLS", "CREATE DATABASE own OWNER landlord"
    )
    url = cluster.url("own", user="landlord")
    for _ in range(2):
        migrate(url, TEST_SECRET)
    downgrade(url, TEST_SECRET, "base")
    migrate(url, TEST_SECRET)
    migrate(cluster.url(fresh.new_database(postgres_end, migrated=False)), TEST_SECRET)
    assert tables(cluster.url("own")) == tables(cluster.url("test_1"))


@pytest.mark.parametrize(
    ("postgres_end", "attributes"),
    [(EMBEDDED, ""), (EMBEDDED, "CREATEROLE"), (DEBIAN_15, "CREATEROLE BYPASSRLS")],
    indirect=["postgres_end"],
)
def test_an_owner_who_may_not_make_roles_is_told_who_may(fresh: Clusters, postgres_end: str, attributes: str) -> None:
    cluster = fresh.get(postgres_end)
    run_as_superuser(cluster.url(), f"CREATE ROLE landlord LOGIN {attributes}", "CREATE DATABASE own OWNER landlord")
    with pytest.raises(EnvironmentFailure, match="superuser or, from PostgreSQL 16 on"):
        migrate(cluster.url("own", user="landlord"), TEST_SECRET)
    assert tables(cluster.url("own")) == set()


@both_postgres_ends
def test_the_migrator_migrates_where_the_roles_are_there(database_url: str) -> None:
    before = snapshot(database_url)
    url = make_conninfo(database_url, user="cmms_migrator")
    downgrade(url, TEST_SECRET, "base")
    migrate(url, TEST_SECRET)
    assert snapshot(database_url) == before


def test_a_serving_role_may_not_migrate(database_url: str) -> None:
    for role in ("cmms_app_sync", "cmms_worker"):
        with pytest.raises(EnvironmentFailure, match="may not change the schema"):
            downgrade(make_conninfo(database_url, user=role), TEST_SECRET, "base")


@both_postgres_ends
def test_a_role_that_was_given_too_much_is_put_right(fresh: Clusters, postgres_end: str) -> None:
    url = fresh.get(postgres_end).url(fresh.new_database(postgres_end, migrated=True))
    run_as_superuser(url, "ALTER ROLE cmms_app_sync BYPASSRLS", "ALTER ROLE cmms_owner LOGIN")
    migrate(url, TEST_SECRET)
    with psycopg.connect(url) as connection:
        names = [role.name for role in ROLES]
        query = "SELECT rolname, rolcanlogin, rolbypassrls FROM pg_roles WHERE rolname = any(%s)"
        found = connection.execute(query, (names,)).fetchall()
    assert set(found) == {(role.name, role.login, role.bypasses_rls) for role in ROLES}


def is_verifier_of(password: str, verifier: str) -> bool:
    """Check a SCRAM-SHA-256 verifier (RFC 5803): iterations, salt, stored key, server key."""
    algorithm, rounds_and_salt, keys = verifier.split("$")
    rounds, salt = rounds_and_salt.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return algorithm == "SCRAM-SHA-256" and base64.b64decode(keys.split(":")[1]) == server_key


@both_postgres_ends
def test_passwords_follow_the_secret(fresh: Clusters, postgres_end: str) -> None:
    url = fresh.get(postgres_end).url(fresh.new_database(postgres_end, migrated=True))
    for secret in (TEST_SECRET, OTHER_SECRET):
        migrate(url, secret)
        with psycopg.connect(url) as connection:
            found = dict(connection.execute("SELECT rolname, rolpassword FROM pg_authid").fetchall())
        for role in ROLES:
            if role.login:
                password = role_password(secret, role.name.removeprefix("cmms_"))
                assert is_verifier_of(password, found[role.name])
            else:
                assert found[role.name] is None
    passwords = {role_password(secret, role.name) for role in ROLES for secret in (TEST_SECRET, OTHER_SECRET)}
    assert len(passwords) == 2 * len(ROLES)


def test_a_database_of_another_encoding_is_refused(clusters: Clusters) -> None:
    cluster = clusters.get(EMBEDDED)
    run_as_superuser(
        cluster.url(), "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
    )
    with pytest.raises(EnvironmentFailure, match="UTF8"):
        migrate(cluster.url("ascii"), TEST_SECRET)
    clusters.drop(EMBEDDED, "ascii")


def test_a_database_of_a_newer_release_is_left_alone(database_url: str) -> None:
    run_as_superuser(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(EnvironmentFailure, match="does not know"):
        migrate(database_url, TEST_SECRET)


def test_an_address_without_a_database_is_named_as_such() -> None:
    with pytest.raises(EnvironmentFailure, match="cannot be reached"):
        migrate("postgresql://nobody@/nowhere?host=/nonexistent", TEST_SECRET)
    with pytest.raises(EnvironmentFailure, match="URL"):
        migrate("postgresql://nobody@/nowhere?colour=red", TEST_SECRET)
