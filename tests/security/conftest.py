"""Databases in which two organizations have a row in every table, for tests that roll back whatever they write."""

from collections.abc import Iterator

import pytest

from tests.migrations.filling import NORTH, SOUTH, FilledDatabases
from tests.support.postgres import Clusters


@pytest.fixture(scope="session")
def filled_databases(clusters: Clusters) -> Iterator[FilledDatabases]:
    databases = FilledDatabases(clusters, (NORTH, "main"), (SOUTH, "main"))
    yield databases
    databases.drop()


@pytest.fixture(scope="session")
def two_sites_databases(clusters: Clusters) -> Iterator[FilledDatabases]:
    databases = FilledDatabases(clusters, (NORTH, "main"), (NORTH, "second"), (SOUTH, "main"))
    yield databases
    databases.drop()


@pytest.fixture
def filled(filled_databases: FilledDatabases, postgres_end: str) -> str:
    """A superuser's URL of a database in which two organizations have a row in every table."""
    return filled_databases.url(postgres_end)


@pytest.fixture
def two_sites(two_sites_databases: FilledDatabases, postgres_end: str) -> str:
    """The same, and a second site with all that hangs on it in the first organization."""
    return two_sites_databases.url(postgres_end)
