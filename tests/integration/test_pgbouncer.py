"""The server behind PgBouncer in transaction mode: a whole day of a fleet, many organizations on few connections."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

from sync_server.errors import NamesGone
from sync_server.storage import prepared, translation
from tests.support.fleet import Fleet, a_fleet
from tests.support.pgbouncer import PROGRAM, a_pgbouncer
from tests.support.postgres import TEST_SECRET, Clusters
from tests.support.restored_day import a_day
from tests.support.server_side import TIMEOUT_S, services_for
from tests.support.stoppable_server import StoppableServer

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed: apt-get install pgbouncer")
POOL = 3
"""Connections for each role: fewer than the server's own pools and than the devices at work."""


@pytest.fixture(scope="module")
def stoppable_server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[StoppableServer]:
    """A server that reaches its database only through PgBouncer."""
    end = request.config.getoption("--postgres")
    name = clusters.new_database(end, migrated=True)
    owner_url = clusters.get(end).url(name)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="cmms-test-") as folder,
            a_pgbouncer(owner_url, TEST_SECRET, pool=POOL, most=4 * POOL) as url,
            httpx.Client(timeout=TIMEOUT_S) as http,
        ):
            services = services_for(url, Path(folder), behind_pgbouncer=True)
            with services.database:
                stoppable = StoppableServer(services, owner_url, http)
                stoppable.start()
                yield stoppable
                stoppable.stop()
    finally:
        clusters.drop(end, name)


def test_a_day_of_a_fleet_goes_through_transaction_pooling(fleet: Fleet) -> None:
    first, second = fleet.device("technician"), fleet.device("supervisor")
    a_day(first)
    fleet.office.edit(fleet.small.order_ids[0], priority="critical")
    first.sync_well()
    second.sync_well()
    fleet.assert_converged()


def test_two_organizations_at_once_never_see_each_other(stoppable_server: StoppableServer) -> None:
    """Every connection serves both in turn; a setting that outlived its transaction would show here."""
    with a_fleet(stoppable_server) as one, a_fleet(stoppable_server) as other:
        days = [fleet.device(login) for fleet in (one, other) for login in ("technician", "supervisor")]
        with ThreadPoolExecutor(len(days)) as many:
            for _ in range(3):
                for done in [many.submit(device.sync_well) for device in days]:
                    done.result()
        for fleet in (one, other):
            fleet.assert_converged()


def clear_every_connection(url: str) -> None:
    """Somebody clears what is prepared, on all the connections that the pooler keeps for devices."""
    with ExitStack() as stack:
        taken = [stack.enter_context(psycopg.connect(url, prepare_threshold=None)) for _ in range(POOL)]
        for each in taken:
            each.execute("select 1")  # from here on it has one of PostgreSQL's to itself
        for each in taken:
            each.execute("deallocate all")


def test_a_device_that_reads_hears_nothing_of_cleared_connections(
    fleet: Fleet, stoppable_server: StoppableServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[NamesGone] = []

    class Noted(NamesGone):
        def __init__(self, sentence: str, *, retry_after_s: int = 1) -> None:
            super().__init__(sentence, retry_after_s=retry_after_s)
            gone.append(self)

    monkeypatch.setattr(translation, "NamesGone", Noted)
    device = fleet.device("technician")
    for _ in range(2 * prepared.AFTER * POOL):
        device.sync_well()
    clear_every_connection(stoppable_server._services.database._conninfo("app_sync"))
    for _ in range(2 * POOL):
        device.sync_well()
    assert gone, "nothing was prepared, so nothing was proved"


def test_postgres_sees_only_the_connections_of_the_pooler(fleet: Fleet) -> None:
    fleet.device("technician")
    lines = fleet.organization.ask(
        "select usename, count(*) from pg_stat_activity where datname = current_database() and usename like %s"
        " group by usename",
        r"cmms\_%",
    )
    assert lines
    assert all(count <= POOL for _, count in lines)
