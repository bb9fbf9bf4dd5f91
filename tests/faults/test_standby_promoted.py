"""PostgreSQL dies and its streaming standby takes over: one that lagged has lost commits that devices were told of.

That is a restored server without a runbook (same system identifier, another timeline): the server notices by its
high-water mark, or the devices by their cursors, and what was acknowledged is sent again with the same ids.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sync_server.application.history_watch import FILE
from sync_server.storage.embedded import Cluster
from tests.support.deadly_day import insist
from tests.support.fleet import Fleet, FleetDevice, a_fleet
from tests.support.memory_disk import cluster_place
from tests.support.order_work import comment, retitle, use
from tests.support.postgres import Clusters
from tests.support.restored_day import content
from tests.support.server_side import services_for
from tests.support.standby import APPLICATION, Standby
from tests.support.stoppable_server import StoppableServer, a_stoppable_server

pytestmark = [pytest.mark.slow, pytest.mark.expects_warnings]  # the server says that its database was restored


@pytest.fixture(scope="module")
def clusters_of_two() -> Iterator[Clusters]:
    every = Clusters()
    yield every
    every.stop()


@pytest.fixture(scope="module")
def primary(clusters_of_two: Clusters, request: pytest.FixtureRequest) -> Cluster:
    return clusters_of_two.get(request.config.getoption("--postgres"))


@pytest.fixture
def stoppable(clusters_of_two: Clusters, primary: Cluster, request: pytest.FixtureRequest) -> Iterator[StoppableServer]:
    with a_stoppable_server(clusters_of_two, request.config.getoption("--postgres")) as running:
        yield running
        running.stop()
        running.server.database.close()
        primary.start()  # so that its database can be dropped
        tell(primary, "alter system reset synchronous_standby_names")


@pytest.fixture
def fleet(stoppable: StoppableServer) -> Iterator[Fleet]:
    with a_fleet(stoppable) as made:
        yield made


@pytest.fixture
def standby(primary: Cluster, fleet: Fleet) -> Iterator[Standby]:
    folder = Path(tempfile.mkdtemp(prefix="cmms-test-", dir=cluster_place()))
    folder.chmod(0o755)  # the user that runs PostgreSQL has to reach what is inside
    try:
        with Standby.of(primary, folder / "standby") as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tell(cluster: Cluster, setting: str) -> None:
    """Change a setting of a running cluster."""
    with psycopg.connect(cluster.url(), autocommit=True) as asked:
        asked.execute(setting.encode())
        asked.execute("select pg_reload_conf()")


def is_synchronous(primary: Cluster) -> bool:
    """Whether a commit of the primary waits for the standby."""
    with psycopg.connect(primary.url(), autocommit=True) as asked:
        found = asked.execute("select sync_state from pg_stat_replication where application_name = %s", [APPLICATION])
        return found.fetchall() == [("sync",)]


def work(device: FleetDevice, day: str) -> None:
    """Edits of several kinds, acknowledged one cycle after the other."""
    order_id = device.fleet.small.order_ids[0]
    retitle(device, order_id, f"{day} title")
    device.sync_well()
    comment(device, order_id, f"{day} comment")
    use(device, order_id, 1)
    device.sync_well()


def fail_over(fleet: Fleet, primary: Cluster, standby: Standby, *, is_marked: bool) -> None:
    """The primary dies; the server serves from the standby from now on, under the same address."""
    fleet.stoppable.stop()
    fleet.stoppable.server.database.close()
    os.kill(primary.pid, signal.SIGKILL)
    standby.promote()
    if not is_marked:
        (fleet.stoppable.server.blob_folder.parent / FILE).unlink(missing_ok=True)
    name = psycopg.conninfo.conninfo_to_dict(fleet.stoppable.server.owner_url)["dbname"]
    fleet.stoppable.serve_from(
        standby.url(str(name)), services_for(standby.url(str(name)), fleet.stoppable.server.blob_folder.parent)
    )
    fleet.organization.server = fleet.stoppable.server
    fleet.stoppable.start()


@pytest.mark.parametrize("is_marked", [True, False], ids=["noticed by the server", "noticed by the devices"])
def test_invariant_23_a_standby_that_lagged_is_a_fork_and_what_it_lost_is_sent_again(
    fleet: Fleet, primary: Cluster, standby: Standby, is_marked: bool
) -> None:
    device, other = fleet.device("technician"), fleet.device("supervisor")
    work(device, "Monday")
    other.sync_well()
    standby.wait_until_level_with(primary)
    standby.cut_off()
    work(device, "Tuesday")
    other.sync_well()
    before, epoch = content(device), device.workplace.replica.state().epoch
    fail_over(fleet, primary, standby, is_marked=is_marked)
    assert fleet.office.order(fleet.small.order_ids[0])["title"] == "Monday title", "the standby did not lag"
    fleet.office.edit(fleet.small.order_ids[1], title="Meanwhile in the office")
    report = device.sync_well()
    assert report.sent_again >= 3
    assert device.workplace.replica.state().epoch != epoch
    assert fleet.office.order(fleet.small.order_ids[0])["title"] == "Tuesday title"
    other.sync_well()
    fleet.assert_converged()
    after = content(device)
    assert {key: after.get(key) for key in before if key[1] == fleet.small.order_ids[0]} == {
        key: value for key, value in before.items() if key[1] == fleet.small.order_ids[0]
    }


def test_a_synchronous_standby_has_lost_nothing_that_was_acknowledged(
    fleet: Fleet, primary: Cluster, standby: Standby
) -> None:
    tell(primary, f"alter system set synchronous_standby_names = '{APPLICATION}'")
    insist(lambda: is_synchronous(primary), "nobody waits for the standby")
    device = fleet.device("technician")
    work(device, "Monday")
    fail_over(fleet, primary, standby, is_marked=True)
    device.sync_well()
    assert fleet.office.order(fleet.small.order_ids[0])["title"] == "Monday title"
    fleet.assert_converged()
