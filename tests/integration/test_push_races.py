"""Two pushes at the same moment: whatever they have in common counts once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from sync_server.application import device_care
from tests.support.postgres import Clusters
from tests.support.server_side import Scene, Server, a_server
from tests.support.standing_side import report_wiped, standing_of

WAIT_S = 1.5
"""Below the server's lock timeout of 2 s."""
POLL_S = 0.01
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture(scope="module")
def server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[Server]:
    with a_server(clusters, request.config.getoption("--postgres")) as running:
        yield running


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def await_waiting(server: Server, sessions: int) -> None:
    """Wait until so many sessions wait for a lock."""
    deadline = time.monotonic() + WAIT_S
    with psycopg.connect(server.owner_url, autocommit=True) as watching:
        while watching.execute(WAITING).fetchone() != (sessions,):
            assert time.monotonic() < deadline, "nobody waits for a lock"
            time.sleep(POLL_S)


@pytest.mark.expects_warnings
def test_one_id_from_two_devices_at_the_same_moment_counts_once(scene: Scene) -> None:
    """Both look before either is recorded: the second finds out when it records, and is tried again."""
    mine = scene.field.edit("work_order", scene.order, title="Mine")
    stolen = {**scene.office.edit("work_order", scene.order, title="Stolen"), "mutation_id": mine["mutation_id"]}
    with psycopg.connect(scene.organization.server.owner_url) as holding, ThreadPoolExecutor(2) as devices:
        holding.execute("select from work_order where id = %s for no key update", (scene.order["id"],))
        pushes = [devices.submit(scene.field.push_one, mine), devices.submit(scene.office.push_one, stolen)]
        await_waiting(scene.organization.server, 2)
        holding.rollback()
        found = [push.result() for push in pushes]
    assert sorted(verdict["code"] or verdict["status"] for verdict in found) == ["applied", "mutation_reused"]
    first = "Mine" if found[0]["status"] == "applied" else "Stolen"
    assert (scene.now()["title"], scene.now()["version"]) == (first, 2)


@pytest.mark.expects_warnings
def test_a_report_of_a_wipe_holds_no_command_while_it_waits_for_its_device(scene: Scene) -> None:
    """Whoever revokes a device or hears its hello has the device first, then its commands: nobody waits in a ring."""
    organization, client = scene.organization, scene.field
    device_care.revoke(organization.database, organization.id, client.device.id, is_stolen=True)
    (command,) = standing_of(client, organization.id).json()["commands"]
    with psycopg.connect(organization.server.owner_url) as holding, ThreadPoolExecutor(1) as devices:
        holding.execute("select from device where id = %s for no key update", (client.device.id,))
        report = devices.submit(report_wiped, client, organization.id, command["id"])
        await_waiting(organization.server, 1)
        holding.execute("select from device_command where id = %s for no key update nowait", (command["id"],))
        holding.rollback()
        assert report.result().status_code in {204, 503}, "503: this machine was too slow, and the device asks again"
    assert report_wiped(client, organization.id, command["id"]).status_code == 204
