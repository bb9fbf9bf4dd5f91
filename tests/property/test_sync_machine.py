"""Histories of six devices and an office on a bad network: whatever happens, in the end everybody has the same.

An ordinary run makes the same few every time. `--histories N` makes N, in shards of one seed each that are printed and
share the processes of `-n`; `--first-seed S` begins with a printed one, `--ledger` and `--report` write down what was
done (tests/support/fault_ledger.py).
"""

import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sync_server.routines.recompute import compare
from sync_server.routines.windows import end_windows
from sync_server.storage import epochs
from tests.support import convergence
from tests.support.crash_points import BOUNDARIES
from tests.support.fault_ledger import FaultLedger, Shard
from tests.support.fault_transport import FAULTS, ClientKilled, Fault
from tests.support.fleet import FleetDevice, a_fleet
from tests.support.history_steps import WORK, HistorySteps
from tests.support.office_steps import OFFICE, OfficeSteps, Step
from tests.support.restoring import Backups
from tests.support.second_site import add_second_site
from tests.support.stoppable_server import StoppableServer

ORDINARY = 40
"""Histories of an ordinary run."""
FIRST_SEED = 1
STEPS = 16
"""Rules of a history; each is up to five steps of people, and a cycle in bad weather."""
PER_SHARD = 20
MOST_BACKUPS = 2
MOST_RESTORES = 2
"""In a history: each costs as much as a few other rules."""
PEOPLE = ("technician", "technician2", "supervisor", "technician3", "manager")
SECOND_DEVICE_OF = "technician"

LOST = -1
"""Stands for the number of every row of commits that a restored server has lost: they are all older than its own."""

Gust = tuple[int, str, int]
"""After how many good requests of a cycle, which fault, how much of it."""

DEVICES = st.integers(0, len(PEOPLE))
ORDERS = st.integers(0, 7)
AMOUNTS = st.integers(0, 100_000)
WORKING = st.lists(st.tuples(st.sampled_from(WORK), ORDERS, AMOUNTS), min_size=1, max_size=5)
PLANNING = st.lists(st.tuples(st.sampled_from(OFFICE), ORDERS, AMOUNTS), min_size=1, max_size=3)
GUSTS = (*FAULTS, "duplicate", "duplicate", "hold")
"""What comes late or twice is what a server is most easily wrong about."""
WEATHER = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(GUSTS), AMOUNTS), min_size=1, max_size=4)
"""One cycle each."""


class SyncMachine(RuleBasedStateMachine):
    """Two technicians of a team, their supervisor, a technician elsewhere, the manager, and the office."""

    stoppable: ClassVar[StoppableServer]
    shard: ClassVar[Shard]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.fleet = self._stack.enter_context(a_fleet(self.stoppable))
        small = self.fleet.small
        sites = [small.site_id, add_second_site(small)]
        self.fleet.ledger.begin()
        for login in ("technician", "technician2"):
            self.fleet.office.join_team(login)
        shared = small.order_ids[3]  # the team's: most devices hold it
        self.steps = HistorySteps(self.fleet, [shared, *(each for each in small.order_ids if each != shared)])
        self.office = OfficeSteps(self.steps, sites)
        self.devices = [self.fleet.enrol(login) for login in (*PEOPLE, SECOND_DEVICE_OF)]
        self.backups = Backups(self.stoppable)
        self._stack.callback(self.backups.close)
        self.restores = 0
        self.revoked: dict[FleetDevice, int] = {}
        """Devices that were revoked → the last commit that they had pulled."""
        self._last = self.devices[0]
        self._reached: dict[tuple[FleetDevice, str, str], int] = {}

    def work(self, device: FleetDevice, steps: list[Step]) -> None:
        self._last = device
        try:
            for name, order, amount in steps:
                seen = self.steps.seen(device)
                if seen:
                    getattr(self.steps, name)(device, seen[order % len(seen)], amount)
        except ClientKilled:
            device.crash()

    def shared_with(self, device: FleetDevice, order: int) -> str | None:
        """Give an order that a device sees."""
        seen = self.steps.seen(device)
        return str(seen[order % len(seen)]["id"]) if seen else None

    def sync_badly(self, device: FleetDevice, weather: list[Gust]) -> None:
        self._last = device
        for wait, kind, amount in weather:
            if amount % 2:
                self.fleet.clock.advance(minutes=11)  # the next cycle begins with a hello
            device.sync(*[Fault("none")] * wait, Fault(kind, amount))

    # ---- rules

    @initialize(which=DEVICES, weather=WEATHER)
    def one_fetches_his_scopes_in_bad_weather(self, which: int, weather: list[Gust]) -> None:
        self.sync_badly(self.devices[which], weather)
        for device in self.devices:
            device.sync_well()

    @rule(device=DEVICES, steps=WORKING)
    def work_offline(self, device: int, steps: list[Step]) -> None:
        self.work(self.devices[device], steps)

    @rule(device=DEVICES, steps=WORKING, weather=WEATHER)
    def work_in_bad_weather(self, device: int, steps: list[Step], weather: list[Gust]) -> None:
        self.work(self.devices[device], steps)
        self.sync_badly(self.devices[device], weather)

    @rule(device=DEVICES, steps=WORKING)
    def work_and_sync(self, device: int, steps: list[Step]) -> None:
        self.work(self.devices[device], steps)
        self.devices[device].sync()

    @rule(device=DEVICES, steps=WORKING, commits=st.integers(0, 12), boundary=st.sampled_from(BOUNDARIES))
    def die_at_a_commit(self, device: int, steps: list[Step], commits: int, boundary: str) -> None:
        self.devices[device].die_at(commits, boundary)
        self.work(self.devices[device], steps)
        self.devices[device].sync()
        self.devices[device].reopen()

    @rule(device=DEVICES, order=ORDERS, work=WORKING, plan=PLANNING)
    def the_office_acts_on_what_somebody_works_on(
        self, device: int, order: int, work: list[Step], plan: list[Step]
    ) -> None:
        order_id = self.shared_with(self.devices[device], order)
        if order_id is not None:
            self._work_on(self.devices[device], order_id, work)
            for name, _, amount in plan:
                self.office.act_on(order_id, name, amount)

    @rule(first=DEVICES, second=DEVICES, order=ORDERS, some=WORKING, others=WORKING)
    def two_work_on_the_same(self, first: int, second: int, order: int, some: list[Step], others: list[Step]) -> None:
        order_id = self.shared_with(self.devices[first], order)
        if order_id is not None:
            self._work_on(self.devices[first], order_id, some)
            self._work_on(self.devices[second], order_id, others)

    def _work_on(self, device: FleetDevice, order_id: str, steps: list[Step]) -> None:
        self._last = device
        for name, _, amount in steps:
            row = device.get("work_order", order_id)
            if row is not None:
                getattr(self.steps, name)(device, row, amount)

    @rule(steps=PLANNING, device=DEVICES, weather=WEATHER)
    def the_office_plans_while_a_device_syncs_badly(self, steps: list[Step], device: int, weather: list[Gust]) -> None:
        for step in steps:
            self.office.act(step)
        self.sync_badly(self.devices[device], weather)

    @rule(some=PLANNING, others=PLANNING, device=DEVICES, steps=WORKING)
    def everybody_writes_at_once(self, some: list[Step], others: list[Step], device: int, steps: list[Step]) -> None:
        self.work(self.devices[device], steps)
        with ThreadPoolExecutor(max_workers=2) as writers:
            writing = [writers.submit(self._plan, each) for each in (some, others)]
            self.devices[device].sync()
        for each in writing:
            each.result()

    def _plan(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self.office.act(step)

    @rule()
    def everybody_syncs(self) -> None:
        for device in self.devices:
            device.sync()

    @rule(device=DEVICES)
    def a_device_crashes(self, device: int) -> None:
        self._last = self.devices[device]
        self.devices[device].crash()

    @rule(device=DEVICES)
    def late_requests_arrive(self, device: int) -> None:
        self.devices[device].deliver_held()

    @rule(device=DEVICES, days=st.integers(-1_500, 1_500))
    def a_clock_jumps(self, device: int, days: int) -> None:
        self.devices[device].skew = timedelta(days=days)

    @rule(minutes=st.integers(1, 30))
    def time_passes(self, minutes: int) -> None:
        self.fleet.clock.advance(minutes=minutes)

    # ---- administration

    @precondition(lambda self: len(self.backups.names) < MOST_BACKUPS)
    @rule()
    def a_backup_is_made(self) -> None:
        self.backups.take()

    @precondition(lambda self: self.backups.names and self.restores < MOST_RESTORES)
    @rule(which=st.integers(0, MOST_BACKUPS - 1))
    def the_server_is_restored(self, which: int) -> None:
        """To any backup, also to one from before the last restore. What the office wrote since is lost with it."""
        self.restores += 1
        self.backups.restore(self.backups.names[which % len(self.backups.names)])
        self.fleet.ledger.forget_office()
        served = self.fleet.served()
        self.revoked = {device: seq for device, seq in self.revoked.items() if device not in served}

    @precondition(lambda self: self.restores < MOST_RESTORES)
    @rule()
    def a_new_epoch_begins(self) -> None:
        """Without any restore: nobody lost anything, and everybody has to find that out."""
        self.restores += 1
        epochs.rotate_all(self.stoppable.server.database, reason="a test wanted a new epoch")

    @precondition(lambda self: not self.revoked)
    @rule(device=DEVICES)
    def a_device_is_revoked(self, device: int) -> None:
        revoked = self.devices[device]
        self.fleet.organization.ask("update device set revoked_at = now() where id = %s", revoked.id)
        self.revoked[revoked] = revoked.workplace.replica.state().pulled_seq

    @rule(days=st.sampled_from((0, 15, 91)))
    def a_night_comes(self, days: int) -> None:
        """Finished orders leave their people after two weeks, and the review after three months."""
        database, organization_id = self.fleet.organization.database, self.fleet.organization.id
        end_windows(database, organization_id, at=datetime.now(UTC) + timedelta(days=days))
        assert compare(database, organization_id).first == [], "the scope index is not what its rows say"

    # ---- what must hold

    @invariant()
    def rows_rest_on_the_outbox(self) -> None:
        convergence.require_rows_rest_on_outbox(self._last.workplace.replica)

    @invariant()
    def the_servers_rows_never_move_back(self) -> None:
        """Invariant 9, on orders: while one stays on a device, it is never older than it was in the same epoch."""
        epoch = self._last.workplace.replica.state().epoch
        for order_id in self.steps.orders:
            row, key = self._last.get("work_order", order_id), (self._last, epoch, order_id)
            reached = max(int(row["sync_seq"] or 0), LOST) if row else LOST
            assert row is None or reached >= self._reached.get(key, LOST), f"{key} went back to {reached}"
            self._reached[key] = reached

    @invariant()
    def nothing_reaches_a_revoked_device(self) -> None:
        """Invariant 30."""
        for device, seq in self.revoked.items():
            assert device.workplace.replica.state().pulled_seq == seq, f"{device} was revoked and went on reading"

    def teardown(self) -> None:
        with self._stack:
            if sys.exc_info()[0] is None:  # a step that failed is told by itself
                self._end()
                self.shard.count += 1  # one that Hypothesis breaks off proves nothing
                self.shard.duplicates += sum(device.weather.duplicates for device in self.devices)

    def _end(self) -> None:
        served = self.fleet.served()
        for device in served:
            device.deliver_held()
            device.sync_well()  # the answers of refused work have to be known before a person takes it back
            device.withdraw_refused()
        self.fleet.assert_converged(fresh={PEOPLE[self.steps.next_number() % len(PEOPLE)]})
        for device in served:
            assert not device.workplace.replica.backlog().photos, f"{device} did not send all its photos"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each shard: (seed, how many histories)."""
    if "shard" in metafunc.fixturenames:
        wished, first = (metafunc.config.getoption(name) for name in ("--histories", "--first-seed"))
        left, first = wished or ORDINARY, FIRST_SEED if first is None else first
        sizes = [min(PER_SHARD, left - done) for done in range(0, left, PER_SHARD)]
        shards = [(first + number, size) for number, size in enumerate(sizes)]
        metafunc.parametrize("shard", shards, ids=[f"seed {number}, {size} histories" for number, size in shards])


@pytest.mark.slow
def test_invariant_4_every_history_ends_with_everybody_having_the_same(
    stoppable_server: StoppableServer, fault_ledger: FaultLedger, shard: tuple[int, int]
) -> None:
    """Also invariants 1, 2, 5, 6, 7, 9, 10, 13, 14, 16, 17, 20, 22, 23, 24, 29 and 30, on histories made by chance."""
    number, histories = shard
    SyncMachine.stoppable = stoppable_server
    print(f"--first-seed {number} makes these histories again")
    with fault_ledger.shard("histories", first_seed=number, last_seed=number) as SyncMachine.shard:
        run_state_machine_as_test(seed(number)(SyncMachine), settings=how(histories))


def how(histories: int) -> settings:
    return settings(
        max_examples=histories,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a history is read in a minute; making it shorter would take five
        report_multiple_bugs=False,
    )
