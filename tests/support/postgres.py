"""Real PostgreSQL for tests: one throw-away cluster per test process, one cloned database per test.

A pytest plugin, loaded by `tests/conftest.py`. The clusters start when first asked for, in memory where there is room
(`memory_disk.py`), and run without fsync. Which PostgreSQL: the embedded one, or Debian's 15 with `--postgres=15` or
CMMS_TEST_POSTGRES=15. A test that must hold on both ends is marked `@both_postgres_ends`. Servers that
tests start tolerate a Debian that has not been updated for long.

Fixtures: `postgres_end`, `cluster`, `empty_database_url`, `database_url`, `database`.
"""

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest
from psycopg import sql

from sync_server.storage.embedded import Cluster, start
from sync_server.storage.engine import Database
from sync_server.storage.start_check import LEAST_MINORS
from tests.support.memory_disk import cluster_place

EMBEDDED = "embedded"
DEBIAN_15 = "15"
DEBIAN_15_BINARIES = Path("/usr/lib/postgresql/15/bin")
TEST_SECRET = bytes(range(32))
"""Stands in for CMMS_SECRET_KEY in every test."""
TEMPLATE, EMPTY = "migrated_template", "template0"

both_postgres_ends = pytest.mark.parametrize("postgres_end", [EMBEDDED, DEBIAN_15], indirect=True)
"""Runs a test on the newest and on the oldest supported PostgreSQL."""


class Clusters:
    """The clusters of one test process, each started at first use and stopped at its end."""

    def __init__(self) -> None:
        self._running: dict[str, Cluster] = {}
        self._migrated: set[str] = set()
        self._numbers = count(1)

    def get(self, end: str) -> Cluster:
        if end not in self._running:
            folder = Path(tempfile.mkdtemp(prefix="cmms-test-", dir=cluster_place()))
            binaries = DEBIAN_15_BINARIES if end == DEBIAN_15 else None
            self._running[end] = start(folder, durable=False, binaries=binaries)
        return self._running[end]

    def put(self, end: str, cluster: Cluster) -> None:
        """Take another cluster for one that is dead: it has its folder, and is stopped at the end."""
        self._running[end] = cluster

    def new_database(self, end: str, *, migrated: bool) -> str:
        """Make a database and return its name; with `migrated`, a clone of the migrated template."""
        if migrated:
            self._migrate_template(end)
        name = f"test_{next(self._numbers)}"
        self._create(end, name, template=TEMPLATE if migrated else EMPTY)
        return name

    def copy(self, end: str, name: str) -> str:
        """Copy a database that nobody is connected to; return the new one's name."""
        made = f"test_{next(self._numbers)}"
        self._create(end, made, template=name)
        return made

    def drop(self, end: str, name: str) -> None:
        with psycopg.connect(self.get(end).url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        for cluster in self._running.values():
            cluster.stop()
            shutil.rmtree(cluster.folder, ignore_errors=True)

    def _migrate_template(self, end: str) -> None:
        if end in self._migrated:
            return
        from sync_server.storage.migrating import migrate

        self._create(end, TEMPLATE, template=EMPTY)
        migrate(self.get(end).url(TEMPLATE), TEST_SECRET)
        self._migrated.add(end)

    def _create(self, end: str, name: str, *, template: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")  # half the work of the usual one
        with psycopg.connect(self.get(end).url(), autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
            if template != EMPTY:  # a copy has none of the rights on its database
                for right in (SHUT, OPEN_TO_MIGRATIONS):
                    connection.execute(sql.SQL(right).format(sql.Identifier(name)))


SHUT: Final = "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC"
OPEN_TO_MIGRATIONS: Final = "GRANT TEMPORARY ON DATABASE {} TO cmms_owner, cmms_migrator"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres",
        choices=[EMBEDDED, DEBIAN_15],
        default=os.environ.get("CMMS_TEST_POSTGRES", EMBEDDED),
        help="the PostgreSQL that tests run on unless they ask for both ends",
    )


def pytest_configure() -> None:
    os.environ.setdefault("CMMS_ALLOW_OLD_POSTGRES", "1")


@pytest.fixture(scope="session")
def clusters() -> Iterator[Clusters]:
    every = Clusters()
    yield every
    every.stop()


@pytest.fixture
def postgres_end(request: pytest.FixtureRequest) -> str:
    """Which PostgreSQL this test runs on: `embedded` or `15`."""
    end: str = getattr(request, "param", None) or request.config.getoption("--postgres")
    if end == DEBIAN_15 and (reason := why_not_debian()) is not None:
        pytest.skip(reason)
    return end


@functools.cache
def why_not_debian() -> str | None:
    """Why no test can run on Debian's PostgreSQL here; None: they can."""
    if not (DEBIAN_15_BINARIES / "postgres").exists():
        return "Debian's PostgreSQL 15 is not installed here"
    told = subprocess.run([DEBIAN_15_BINARIES / "postgres", "--version"], capture_output=True, text=True, check=True)
    minor = int(told.stdout.split("15.")[1].split()[0])
    if minor < LEAST_MINORS[15]:
        return f"Debian's PostgreSQL here is 15.{minor}; the server refuses all before 15.{LEAST_MINORS[15]}: update it"
    return None


@pytest.fixture
def cluster(clusters: Clusters, postgres_end: str) -> Cluster:
    """The running cluster, shared by the tests of this process: never stop it."""
    return clusters.get(postgres_end)


@pytest.fixture
def empty_database_url(clusters: Clusters, postgres_end: str) -> Iterator[str]:
    """A superuser's URL of an empty database of this test's own."""
    name = clusters.new_database(postgres_end, migrated=False)
    yield clusters.get(postgres_end).url(name)
    clusters.drop(postgres_end, name)


@pytest.fixture
def database_url(clusters: Clusters, postgres_end: str) -> Iterator[str]:
    """A superuser's URL of a migrated database of this test's own, without rows."""
    name = clusters.new_database(postgres_end, migrated=True)
    yield clusters.get(postgres_end).url(name)
    clusters.drop(postgres_end, name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The migrated database as the server sees it: one role and one organization at a time."""
    with Database(database_url, TEST_SECRET, allow_old_postgres=True) as opened:
        yield opened
