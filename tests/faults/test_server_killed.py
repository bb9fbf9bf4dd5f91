"""SIGKILL of the server and of PostgreSQL while devices sync: effects, verdicts, index and clock are whole every time.

The server dies at a statement, before or after PostgreSQL has answered it (COMMIT is one of them), with a request, in
front of an answer or in the middle of it. Of PostgreSQL the postmaster dies, or one backend, or all at once (immediate
stop). `--kills N` kills each of the two N/3 times.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow

from sync_server.errors import EnvironmentFailure
from sync_server.storage.embedded import Cluster
from tests.support.deadly_day import PATIENCE_S, DeadlyDay, can_ask, insist
from tests.support.fault_ledger import FaultLedger, share_of_kills
from tests.support.fleet import a_fleet
from tests.support.kill_points import POSTGRES_KINDS, SERVER_KINDS, KillPoint, at_round_trip, in_a_moment
from tests.support.postgres import Clusters
from tests.support.server_process import ServerProcess, a_server_process
from tests.support.stoppable_server import a_stoppable_server

pytestmark = [pytest.mark.slow, pytest.mark.expects_warnings]  # a server says that its database is away

REST_AFTER = 5
"""Deaths, after which everybody may once sync in peace; until then the next server dies over what the last one left."""


@pytest.fixture
def process(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    with a_server_process(clusters, request.config.getoption("--postgres")) as running:
        yield running


def test_invariant_21_a_server_killed_anywhere_has_done_a_unit_or_not(
    process: ServerProcess, request: pytest.FixtureRequest, fault_ledger: FaultLedger
) -> None:
    seeds = share_of_kills(request.config, 1)
    with (
        a_fleet(process) as fleet,
        fault_ledger.shard("kills server", first_seed=seeds[0], last_seed=seeds[-1]) as shard,
    ):
        day = DeadlyDay(fleet)
        process.kill()
        for seed in seeds:
            point = KillPoint.draw(seed, SERVER_KINDS)
            day.work(random.Random(seed))
            process.start(point)
            with day.everybody_syncs():
                timer = in_a_moment(point, process.shoot)
            if timer is not None:
                timer.join()
            process.kill()
            shard.count += 1
            day.require_sound()
            if shard.count % REST_AFTER == 0:
                process.start()
                day.go_on()
                process.kill()
        process.start()
        fleet.assert_converged()


# ---- PostgreSQL


@pytest.fixture
def own_clusters() -> Iterator[Clusters]:
    """A PostgreSQL of this test's own: nobody else should find it dead."""
    every = Clusters()
    yield every
    every.stop()


def kill_postmaster(cluster: Cluster) -> None:
    os.kill(cluster.pid, signal.SIGKILL)


def stop_immediately(cluster: Cluster) -> None:
    os.kill(cluster.pid, signal.SIGQUIT)


def kill_backend(cluster: Cluster) -> None:
    """The newest child of the postmaster that speaks with the server; the postmaster then restarts all of them."""
    children = Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text().split()
    for child in reversed(children):
        with suppress(FileNotFoundError, ProcessLookupError):
            if b"cmms_app_sync" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)
                return
    kill_postmaster(cluster)


WAYS = (kill_postmaster, kill_backend, stop_immediately)


def start_again(cluster: Cluster) -> None:
    """Start what is dead, and wait until it takes connections: after a backend's death it recovers by itself."""

    def is_up() -> bool:
        try:
            cluster.start()
            psycopg.connect(cluster.url()).close()
        except (EnvironmentFailure, psycopg.OperationalError):
            return False
        return True

    insist(is_up, "PostgreSQL does not come back")


def test_invariant_21_a_postgresql_killed_anywhere_has_done_a_unit_or_not(
    own_clusters: Clusters, request: pytest.FixtureRequest, fault_ledger: FaultLedger
) -> None:
    end = request.config.getoption("--postgres")
    seeds = share_of_kills(request.config, 2)
    with (
        a_stoppable_server(own_clusters, end) as stoppable,
        a_fleet(stoppable) as fleet,
        fault_ledger.shard("kills postgresql", first_seed=seeds[0], last_seed=seeds[-1]) as shard,
    ):
        cluster, day = own_clusters.get(end), DeadlyDay(fleet)
        for seed in seeds:
            kill_one(day, cluster, seed)
            shard.count += 1
        stoppable.server.database.close()  # a session that died at rest costs the next request: here, a sign-in
        fleet.assert_converged()


def kill_one(day: DeadlyDay, cluster: Cluster, seed: int) -> None:
    point, chance = KillPoint.draw(seed, POSTGRES_KINDS), random.Random(seed)
    way = chance.choice(WAYS)
    day.work(chance)
    is_shot = threading.Event()

    def shoot() -> None:
        try:
            way(cluster)
        finally:
            is_shot.set()

    witness = psycopg.connect(cluster.url(), autocommit=True)
    with at_round_trip(point, shoot), day.everybody_syncs() as have_ended:
        timer = in_a_moment(point, shoot)
        until = time.monotonic() + PATIENCE_S
        while not is_shot.wait(0.01):
            assert time.monotonic() < until, "nobody shoots, and the cycles do not end"
            if timer is None and have_ended():  # before it came to that point
                shoot()
        if timer is not None:
            timer.join()
        insist(lambda: not lives(witness), "PostgreSQL does not notice that it died")
        start_again(cluster)
    insist(lambda: can_ask(day.fleet), "PostgreSQL does not answer")
    day.require_sound()
    day.go_on()


def lives(witness: psycopg.Connection[TupleRow]) -> bool:
    """Whether a session from before the death goes on: none does, once the death was noticed."""
    try:
        witness.execute("select 1")
    except psycopg.OperationalError:
        witness.close()
        return False
    return True
