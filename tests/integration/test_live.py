"""Live: what changes at the server reaches a device that listens, without anybody asking and without time passing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.application.commands import remarks
from cmms_desktop.sync.poke_listener import PokeListener
from cmms_desktop.sync.scheduler import Scheduler
from cmms_desktop.sync.status import Connection, SyncStatus
from sync_server.authz.tokens import Access
from tests.support.fleet import Fleet, FleetDevice
from tests.support.hand_clock import HandClock
from tests.support.small_site import PASSWORD

PATIENCE_S = 60.0


class Live:
    """A device at work. The time of its cycles goes by hand: what comes without it came because of a poke."""

    def __init__(self, device: FleetDevice) -> None:
        self.device, self.clock = device, HandClock()
        workplace = device.workplace
        self.scheduler = Scheduler(
            workplace.engine,
            workplace.replica,
            photos=device.desk.photo_lane(workplace),
            transport=workplace.transport,
            clock=device.clock,
            chance=lambda: 0.5,
            steady=self.clock,
        )
        self.poke, self.reach = threading.Event(), threading.Event()
        self.ear = device.desk.ear(workplace)
        self.listener = PokeListener(
            self,
            self.ear,
            token=lambda: workplace.transport.access_token,
            pulled_seq=lambda: workplace.replica.state().pulled_seq,
            chance=lambda: 0.0,
        )

    def subscribe(self, listener: Callable[[SyncStatus], None]) -> Callable[[], None]:
        return self.scheduler.subscribe(listener)

    def poked(self, seq: int) -> None:
        self.scheduler.poked(seq)
        self.poke.set()

    def reached_server(self) -> None:
        self.scheduler.reached_server()
        self.reach.set()

    def start(self) -> None:
        self.scheduler.start()
        self.listener.start()
        self.wait_for_stream()

    def wait_for_stream(self) -> None:
        assert self.reach.wait(PATIENCE_S), "the server was not heard"
        self.reach.clear()

    def wait_for_poke(self) -> None:
        """Wait for a poke, and let the cycle that it asks for run."""
        assert self.poke.wait(PATIENCE_S), "no poke came"
        self.poke.clear()
        self.clock.advance(0.6)

    def wait_for(self, is_there: Callable[[], bool]) -> None:
        """Wait for pokes until something is there."""
        while not is_there():
            self.wait_for_poke()

    def stop(self) -> None:
        self.listener.end()
        self.scheduler.stop()
        self.listener.stop()
        self.listener._thread.join(PATIENCE_S)
        assert not self.listener._thread.is_alive()
        self.ear.close()


@contextmanager
def live(device: FleetDevice) -> Iterator[Live]:
    made = Live(device)
    made.start()
    try:
        yield made
    finally:
        made.stop()
    device.reopen()  # its connection was hung up


def test_an_edit_of_the_office_arrives_by_itself(fleet: Fleet) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    with live(device) as here:
        for priority in ("low", "high", "critical"):
            fleet.office.edit(order_id, priority=priority)
            here.wait_for(lambda wanted=priority: device.see("work_order", order_id)["priority"] == wanted)
    fleet.assert_converged()


def test_what_one_device_sends_arrives_on_another(fleet: Fleet) -> None:
    sender, receiver = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    with live(receiver) as here:
        with sender.write() as write:
            remarks.add_comment(write, order_id, "Can you see this?")
        sender.sync_well()
        here.wait_for(lambda: bool(receiver.rows("comment", order_id)))
    fleet.assert_converged()


def test_a_server_that_goes_and_comes_ends_the_wait_of_its_devices(fleet: Fleet) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    with live(device) as here:
        fleet.stoppable.stop()
        for seconds in (73, 6, 11, 21, 41, 81):
            here.clock.advance(seconds)
        assert here.scheduler.status.connection is Connection.OFFLINE
        fleet.office.edit(order_id, priority="critical")
        fleet.stoppable.start()
        here.wait_for_stream()
        here.clock.advance(1)
        assert here.scheduler.status.connection is Connection.ONLINE
        assert device.see("work_order", order_id)["priority"] == "critical"
    fleet.assert_converged()


def test_a_token_that_is_over_is_renewed_and_the_stream_goes_on(fleet: Fleet) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    access = Access(fleet.organization.id, device.person_id, device.workplace.identity.device_signer.device_id)
    tokens = fleet.stoppable.server.services.tokens
    with live(device) as here:
        here.clock.until_asleep()
        ended, _ = tokens.issue(access, at=datetime.now(UTC) - timedelta(minutes=11))
        device.workplace.transport.access_token = ended
        fleet.stoppable.stop()
        fleet.stoppable.start()
        here.wait_for_poke()
        here.wait_for_stream()
        fleet.office.edit(order_id, priority="critical")
        here.wait_for(lambda: device.see("work_order", order_id)["priority"] == "critical")
    fleet.assert_converged()


def test_a_device_that_was_revoked_hears_nothing_and_is_told(fleet: Fleet) -> None:
    """Invariant 30, for the stream."""
    device = fleet.device("technician")
    pokes = fleet.stoppable.server.services.pokes
    before, pokes.check_every_s = pokes.check_every_s, 0.1
    try:
        with live(device) as here:
            device_id = device.workplace.identity.device_signer.device_id
            fleet.organization.ask("update device set revoked_at = now() where id = %s", device_id)
            while here.listener.is_live:
                threading.Event().wait(0.01)
            here.clock.advance(73)
            assert here.scheduler.status.connection is Connection.STOPPED
            assert not here.listener.is_live
    finally:
        pokes.check_every_s = before
        fleet.devices.remove(device)
        device.close()


class _NoReceiver:
    def close(self) -> None:
        pass


def test_whoever_is_at_work_listens_and_ends_with_the_window(fleet: Fleet) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    device.workplace.close()
    threads = set(threading.enumerate())
    person = AtWork.begin(device.desk, "technician", PASSWORD, positions=_NoReceiver())  # type: ignore[arg-type]
    try:
        arrived = threading.Event()
        person.workplace.replica.subscribe(lambda keys: arrived.set() if ("work_order", order_id) in keys else None)
        while not person.listener.is_live:
            threading.Event().wait(0.01)
        arrived.clear()
        fleet.office.edit(order_id, priority="critical")
        assert arrived.wait(PATIENCE_S)
    finally:
        person.close()
    for thread in set(threading.enumerate()) - threads:
        if thread.name in {"sync", "pokes"} and thread is not fleet.stoppable.server.services.pokes._thread:
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), thread
    device.workplace = device.desk.open("technician", PASSWORD)
    fleet.assert_converged()
