"""Two technicians and an office at work while something on the server's side dies beneath them."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from cmms_desktop.sync.engine import Report
from sync_server.errors import RetryLater
from tests.support import convergence
from tests.support.fleet import Fleet, FleetDevice
from tests.support.history_steps import WORK, HistorySteps
from tests.support.office_steps import OfficeSteps
from tests.support.sound_server import require_acknowledged_is_stored, require_sound_server, wait_for_silence

LOGINS = ("technician", "technician2")
MOST_STEPS = 4
PATIENCE_S = 60.0


@dataclass
class DeadlyDay:
    """One fleet's day."""

    fleet: Fleet

    def __post_init__(self) -> None:
        """Sign both technicians in."""
        self.devices = [self.fleet.device(login) for login in LOGINS]
        self.steps = HistorySteps(self.fleet, list(self.fleet.small.order_ids[:4]))
        self.office = OfficeSteps(self.steps, [self.fleet.small.site_id])

    def work(self, chance: random.Random) -> None:
        """Let both do a few things, and the office something."""
        self.work_away(chance)
        self.office.act(("edits", chance.randrange(9), chance.randrange(4_000)))

    def work_away(self, chance: random.Random) -> None:
        """Let both do a few things; that needs no server."""
        for device in self.devices:
            for _ in range(chance.randint(1, MOST_STEPS)):
                seen = self.steps.seen(device)
                if seen:
                    getattr(self.steps, chance.choice(WORK_ALONE))(device, chance.choice(seen), chance.randrange(4_000))

    @contextmanager
    def everybody_syncs(self) -> Iterator[Callable[[], bool]]:
        """Run a cycle of each device beside the block, which gets a way to ask whether they have ended.

        What stops a cycle is nobody's surprise.
        """
        with ThreadPoolExecutor(len(self.devices)) as pool:
            cycles = [pool.submit(device.sync) for device in self.devices]
            yield lambda: all(cycle.done() for cycle in cycles)
            for cycle in cycles:
                cycle.result(PATIENCE_S)

    def require_sound(self) -> None:
        """Look at all stores as they stand after a death."""
        wait_for_silence(self.fleet.organization)
        require_sound_server(self.fleet)
        require_acknowledged_is_stored(self.fleet.organization, [device.workplace for device in self.devices])
        for device in self.devices:
            convergence.require_rows_rest_on_outbox(device.workplace.replica)

    def go_on(self) -> None:
        """Everybody syncs, as soon as the server answers again."""
        for device in self.devices:
            insist(partial(syncs, device), f"{device} cannot sync any more")


WORK_ALONE = tuple(sorted(set(WORK) - {"review"}))
"""Steps that need nobody else's device."""


def syncs(device: FleetDevice) -> bool:
    """Whether a cycle comes to its end."""
    return isinstance(device.sync(), Report)


def insist(works: Callable[[], bool], otherwise: str) -> None:
    """Try until it works."""
    until = time.monotonic() + PATIENCE_S
    while not works():
        assert time.monotonic() < until, otherwise
        time.sleep(0.02)


def can_ask(fleet: Fleet) -> bool:
    """Whether the office's connections work again."""
    try:
        fleet.organization.rows("site")
    except RetryLater:
        return False
    return True
