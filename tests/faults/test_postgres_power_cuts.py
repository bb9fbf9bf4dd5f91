"""The power goes below PostgreSQL while devices sync: whatever a device was told is there when it starts again.

On a disk that keeps only what was synced. Some cuts come while it recovers from a death before. `--power-cuts N` cuts
N/5 times, with seeds from `--first-seed` on. The control runs PostgreSQL without fsync, and must lose something.
"""

import random
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from sync_server.errors import EnvironmentFailure
from tests.support.deadly_day import DeadlyDay, can_ask, insist
from tests.support.fault_ledger import FaultLedger
from tests.support.fleet import a_fleet
from tests.support.fuse_disk import why_no_fuse
from tests.support.postgres import EMBEDDED, Clusters
from tests.support.postgres_cuts import CutPostgres, plan_of
from tests.support.sound_server import require_acknowledged_is_stored, wait_for_silence
from tests.support.stoppable_server import a_stoppable_server
from tests.support.volatile_disk import DiskPlan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.expects_warnings,  # a server says that its database is away
    pytest.mark.skipif(bool(why_no_fuse()), reason=why_no_fuse() or "a disk can be cut here"),
]
CUTS = 2
"""Of an ordinary run: while it recovers, and with nothing unsynced kept. Requests wait out their patience each time."""
CLIENT_CUTS = 5
"""Power cuts of a client for each of PostgreSQL, in a large run: one takes several times as long."""
FIRST_SEED = 20_261_128
MOST_ROUNDS = 60
"""Of work, within which every cut comes."""


@pytest.fixture
def own_clusters() -> Iterator[Clusters]:
    every = Clusters()
    yield every
    every.stop()


@pytest.fixture
def day(own_clusters: Clusters) -> Iterator[DeadlyDay]:
    """Everybody at work; PostgreSQL is a cluster of this test's own."""
    with a_stoppable_server(own_clusters, EMBEDDED) as stoppable, a_fleet(stoppable) as fleet:
        yield DeadlyDay(fleet)


@pytest.fixture
def postgres(own_clusters: Clusters, day: DeadlyDay) -> CutPostgres:
    """Durable from here on; what was before is in its files, so that a death leaves little to recover."""
    made = CutPostgres(own_clusters)
    made.cluster.stop()
    start_again(day, made)
    return made


def start_again(day: DeadlyDay, postgres: CutPostgres) -> None:
    """Start what is there, and let the server forget its sessions: each that died at rest costs a request."""
    postgres.start()
    day.fleet.organization.database.close()
    insist(lambda: can_ask(day.fleet), "PostgreSQL does not answer")


def cut(
    day: DeadlyDay, postgres: CutPostgres, plan: DiskPlan, *, durable: bool = True, begins_well: bool = False
) -> None:
    """Let everybody work until the power goes; PostgreSQL must not run before, and does not afterwards.

    `begins_well`: all that is made in a first round is acknowledged; only then the power may go.
    """
    chance = random.Random(plan.seed)
    with postgres.on_a_bad_disk(plan, durable=durable) as disk:
        if begins_well:
            day.work_away(chance)
            day.go_on()
        disk.arm()
        for _ in range(MOST_ROUNDS):
            day.work_away(chance)
            with day.everybody_syncs():
                if chance.random() < 1 / 4:
                    checkpoint(postgres)
            if not can_connect(postgres):
                break
    assert disk.is_off, "the power did not go, or PostgreSQL died before"


def checkpoint(postgres: CutPostgres) -> None:
    """Let PostgreSQL write everything that it has in memory, if it lives."""
    with suppress(psycopg.OperationalError), psycopg.connect(postgres.cluster.url(), autocommit=True) as asked:
        asked.execute("checkpoint")


def can_connect(postgres: CutPostgres) -> bool:
    """Whether PostgreSQL lives. Once its disk is dead it never comes back."""
    with suppress(psycopg.OperationalError, EnvironmentFailure):
        psycopg.connect(postgres.cluster.url()).close()
        return True
    return False


def test_invariant_21_a_power_cut_below_postgresql_takes_nothing_that_was_acknowledged(
    day: DeadlyDay, postgres: CutPostgres, request: pytest.FixtureRequest, fault_ledger: FaultLedger
) -> None:
    wished = request.config.getoption("--power-cuts")
    cuts = max(1, wished // CLIENT_CUTS) if wished else CUTS
    first = request.config.getoption("--first-seed") or FIRST_SEED
    with fault_ledger.shard("power_cuts postgresql", first_seed=first, last_seed=first + cuts - 1) as shard:
        for seed in range(first, first + cuts):
            plan, is_recovering = plan_of(seed)
            day.work(random.Random(-seed))
            if is_recovering:
                postgres.kill()
            else:
                postgres.cluster.stop()
            cut(day, postgres, plan)
            shard.count += 1
            start_again(day, postgres)
            day.require_sound()
            day.go_on()
        day.fleet.assert_converged()


def test_without_fsync_a_power_cut_takes_what_was_acknowledged(day: DeadlyDay, postgres: CutPostgres) -> None:
    """The control: the disk is as bad as it claims to be."""
    postgres.cluster.stop()
    cut(day, postgres, DiskPlan(cut_in=1, survival="nothing"), durable=False, begins_well=True)
    start_again(day, postgres)
    wait_for_silence(day.fleet.organization)
    with pytest.raises(AssertionError, match="were acknowledged and are gone"):
        require_acknowledged_is_stored(day.fleet.organization, [device.workplace for device in day.devices])
