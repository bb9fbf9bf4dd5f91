"""Histories of three devices and an office on a bad network: whatever happens, in the end everybody has the same.

`--histories N` runs N of them with seeds that are printed; without it the same modest number runs every time.
"""

import os
import sys
from contextlib import ExitStack
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

from tests.support import convergence
from tests.support.fault_transport import FAULTS, Fault
from tests.support.fleet import FleetDevice, a_fleet
from tests.support.history_steps import OFFICE, WORK, HistorySteps
from tests.support.restoring import Backups
from tests.support.stoppable_server import StoppableServer

EXAMPLES = 40
"""Histories of an ordinary run."""
STEPS = 16
"""Rules of a history; each is up to five steps of people, and a cycle in bad weather."""
PER_SEED = 20
MOST_BACKUPS = 2
MOST_RESTORES = 2
"""In a history: each costs as much as a few other rules."""

LOST = -1
"""Stands for the number of every row of commits that a restored server has lost: they are all older than its own."""

Step = tuple[str, int, int]
"""What, on which of the orders, with which choices."""
Gust = tuple[int, str, int]
"""After how many good requests of a cycle, which fault, how much of it."""

DEVICES = st.integers(0, 2)
ORDERS = st.integers(0, 5)
AMOUNTS = st.integers(0, 4_000)
WORKING = st.lists(st.tuples(st.sampled_from(WORK), ORDERS, AMOUNTS), min_size=1, max_size=5)
PLANNING = st.lists(st.tuples(st.sampled_from(OFFICE), ORDERS, AMOUNTS), min_size=1, max_size=3)
WEATHER = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(FAULTS), AMOUNTS), min_size=1, max_size=4)
"""One cycle each."""


class SyncMachine(RuleBasedStateMachine):
    """A technician, a second one in his team, a supervisor, and the office."""

    stoppable: ClassVar[StoppableServer]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.fleet = self._stack.enter_context(a_fleet(self.stoppable))
        for login in ("technician", "technician2"):
            self.fleet.office.join_team(login)
        small = self.fleet.small
        shared = small.order_ids[3]  # all three devices hold it
        self.steps = HistorySteps(self.fleet, [shared, *(each for each in small.order_ids if each != shared)])
        self.devices = [self.fleet.device(login) for login in ("technician", "technician2")]
        self.devices.append(self.fleet.enrol("supervisor"))
        self.backups = Backups(self.stoppable)
        self._stack.callback(self.backups.close)
        self.restores = 0
        self._last = self.devices[0]
        self._reached: dict[tuple[str, str, str], int] = {}

    def work(self, device: FleetDevice, steps: list[Step]) -> None:
        self._last = device
        for name, order, amount in steps:
            seen = self.steps.seen(device)
            if seen:
                getattr(self.steps, name)(device, seen[order % len(seen)], amount)

    def sync_badly(self, device: FleetDevice, weather: list[Gust]) -> None:
        self._last = device
        for wait, kind, amount in weather:
            if amount % 2:
                self.fleet.clock.advance(minutes=11)  # the next cycle begins with a hello
            device.sync(*[Fault("none")] * wait, Fault(kind, amount))

    # ---- rules

    @initialize(weather=WEATHER)
    def the_supervisor_fetches_his_scopes_in_bad_weather(self, weather: list[Gust]) -> None:
        self.sync_badly(self.devices[2], weather)
        self.devices[2].sync()

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

    @rule(steps=PLANNING, device=DEVICES, weather=WEATHER)
    def the_office_plans_while_a_device_syncs_badly(self, steps: list[Step], device: int, weather: list[Gust]) -> None:
        for name, order, amount in steps:
            self.steps.office_acts(name, order, amount)
        self.sync_badly(self.devices[device], weather)

    @rule(steps=PLANNING)
    def the_office_plans(self, steps: list[Step]) -> None:
        for name, order, amount in steps:
            self.steps.office_acts(name, order, amount)

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

    @rule(minutes=st.integers(1, 30))
    def time_passes(self, minutes: int) -> None:
        self.fleet.clock.advance(minutes=minutes)

    # ---- what must hold

    @invariant()
    def rows_rest_on_the_outbox(self) -> None:
        convergence.require_rows_rest_on_outbox(self._last.workplace.replica)

    @invariant()
    def the_servers_rows_never_move_back(self) -> None:
        """Invariant 9, on orders: while one stays on a device, it is never older than it was in the same epoch."""
        epoch = self._last.workplace.replica.state().epoch
        for order_id in self.steps.orders:
            row, key = self._last.get("work_order", order_id), (self._last.login, epoch, order_id)
            reached = max(int(row["sync_seq"] or 0), LOST) if row else LOST
            assert row is None or reached >= self._reached.get(key, LOST), f"{key} went back to {reached}"
            self._reached[key] = reached

    def teardown(self) -> None:
        with self._stack:
            if sys.exc_info()[0] is None:  # a step that failed is told by itself
                self.fleet.settle()
                for device in self.devices:
                    device.withdraw_refused()
                self.fleet.assert_converged()


def how(examples: int, *, derandomize: bool) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        derandomize=derandomize,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
    )


@pytest.mark.slow
def test_every_history_ends_with_everybody_having_the_same(
    stoppable_server: StoppableServer, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Invariants 1, 2, 4, 5, 6, 7, 9, 10, 13, 14, 16, 17, 20, 22, 23 and 24, on histories made by chance."""
    SyncMachine.stoppable = stoppable_server
    histories, first = (request.config.getoption(name) for name in ("--histories", "--first-seed"))
    if histories is None:
        run_state_machine_as_test(SyncMachine, settings=how(EXAMPLES, derandomize=True))
        return
    first = int.from_bytes(os.urandom(3)) if first is None else first
    for number in range(first, first - (-histories // PER_SEED)):
        with capsys.disabled():
            print(f"\nhistories: --first-seed {number}, {PER_SEED} of {STEPS} rules each", flush=True)
        run_state_machine_as_test(seed(number)(SyncMachine), settings=how(PER_SEED, derandomize=False))
