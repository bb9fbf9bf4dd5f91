"""The fixtures `server`, `stoppable_server`, `fleet` and `backups`, and the options of the sync machine.

A pytest plugin, loaded by `tests/conftest.py`. It loads the fleet itself only for a test that asks for one: both sides
of the product take seconds to import.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.fleet import Fleet
    from tests.support.postgres import Clusters
    from tests.support.restoring import Backups
    from tests.support.server_side import Server
    from tests.support.stoppable_server import StoppableServer


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fleet")
    group.addoption("--histories", type=int, default=None, help="so many histories of the sync machine, by chance")
    group.addoption("--first-seed", type=int, default=None, help="seed of the first of them; counted up from there")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the first seed once, before processes that share the work are started.

    A run that is written down goes on after the last seed of its ledger.
    """
    if config.option.histories is not None and config.option.first_seed is None:
        from tests.support.fault_ledger import last_seed_of

        ledger: Path | None = config.option.ledger
        config.option.first_seed = last_seed_of("histories", ledger) + 1 if ledger else int.from_bytes(os.urandom(3))


@pytest.fixture(scope="module")
def server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server for one module, whose tests speak its wire by hand or call the application itself."""
    from tests.support.server_side import a_server

    with a_server(clusters, request.config.getoption("--postgres")) as running:
        yield running


@pytest.fixture(scope="module")
def stoppable_server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[StoppableServer]:
    """A server for the fleets of one module."""
    from tests.support.stoppable_server import a_stoppable_server

    with a_stoppable_server(clusters, request.config.getoption("--postgres")) as running:
        yield running


@pytest.fixture
def fleet(stoppable_server: StoppableServer) -> Iterator[Fleet]:
    """An organization of this test's own on the module's server; the server runs when it begins."""
    from tests.support.fleet import a_fleet

    stoppable_server.start()
    with a_fleet(stoppable_server) as made:
        yield made


@pytest.fixture
def backups(stoppable_server: StoppableServer) -> Iterator[Backups]:
    """Backups of the module's server, to go back to any of them."""
    from tests.support.restoring import Backups

    made = Backups(stoppable_server)
    yield made
    made.close()
