"""The sync thread on the real server: what a person sees when the server goes and comes, without pressing anything."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.app.desk import Desk
from cmms_desktop.application.commands import remarks
from cmms_desktop.config import ClientSettings
from cmms_desktop.sync.scheduler import STOP_S, Scheduler
from cmms_desktop.sync.status import Connection, SyncStatus
from tests.support.fleet import Fleet, FleetDevice
from tests.support.hand_clock import GUARD_S, HandClock
from tests.support.small_site import PASSWORD


@contextmanager
def running(device: FleetDevice) -> Iterator[tuple[Scheduler, HandClock]]:
    """A device's conversation, running by itself; its time goes by hand."""
    workplace, clock = device.workplace, HandClock()
    scheduler = Scheduler(
        workplace.engine,
        workplace.replica,
        photos=device.desk.photo_lane(workplace),
        transport=workplace.transport,
        clock=device.clock,
        chance=lambda: 0.5,
        steady=clock,
    )
    scheduler.start()
    try:
        yield scheduler, clock
    finally:
        scheduler.stop()


def until(scheduler: Scheduler, holds: Callable[[SyncStatus], bool]) -> None:
    """Wait for a status: photos have a thread of their own."""
    news = threading.Event()
    stop = scheduler.subscribe(lambda status: news.set() if holds(status) else None)
    assert holds(scheduler.status) or news.wait(60), scheduler.status
    stop()


def test_a_server_that_goes_and_comes_back_drains_the_device_by_itself(fleet: Fleet) -> None:
    device = fleet.device("technician")
    with running(device) as (scheduler, clock):
        clock.until_asleep()
        assert scheduler.status.connection is Connection.ONLINE
        fleet.stoppable.stop()
        for text in ("First.", "Second."):
            with device.write() as write:
                remarks.add_comment(write, fleet.small.order_ids[0], text)
                remarks.add_photo(
                    write,
                    device.workplace.blobs,
                    fleet.small.order_ids[0],
                    content=text.encode(),
                    media_type="image/png",
                )
            clock.advance(1.1)
        assert scheduler.status.connection is Connection.OFFLINE
        assert (scheduler.status.waiting, scheduler.status.photos) == (4, 2)
        clock.advance(30)
        assert scheduler.status.connection is Connection.OFFLINE
        fleet.stoppable.start()
        clock.advance(300)
        until(scheduler, lambda status: status.connection is Connection.ONLINE and not status.photos)
        assert (scheduler.status.waiting, scheduler.status.photos, scheduler.status.problem) == (0, 0, None)
    assert len(device.rows("comment", fleet.small.order_ids[0])) == 2
    device.reopen()  # a transport that hung up is of no use any more
    fleet.assert_converged()


def test_what_the_office_does_arrives_within_a_minute(fleet: Fleet) -> None:
    device = fleet.device("technician")
    with running(device) as (scheduler, clock):
        clock.until_asleep()
        fleet.office.edit(fleet.small.order_ids[0], priority="critical")
        clock.advance(60)
        assert device.see("work_order", fleet.small.order_ids[0])["priority"] == "critical"
        assert scheduler.status.received_rows > 0
    device.reopen()
    fleet.assert_converged()


def test_a_session_that_is_over_waits_for_the_password_and_then_goes_on(fleet: Fleet) -> None:
    device = fleet.device("technician")
    with running(device) as (scheduler, clock):
        clock.until_asleep()
        with device.write() as write:
            remarks.add_comment(write, fleet.small.order_ids[0], "Kept.")
        fleet.organization.ask(
            "update user_session set revoked_at = clock_timestamp() where organization_id = %s", fleet.organization.id
        )
        device.workplace.transport.access_token = "over"
        clock.advance(1.1)
        assert scheduler.status.connection is Connection.SIGN_IN
        assert clock.until_asleep() is None
        device.desk.sign_in_again(device.workplace, PASSWORD)
        scheduler.sync_now()
        clock.until_asleep()
        assert (scheduler.status.connection, scheduler.status.waiting) == (Connection.ONLINE, 0)
    device.reopen()
    fleet.assert_converged()


class _NoReceiver:
    def locate(self, *, within_s: float) -> None:  # type: ignore[override]
        raise AssertionError("nobody asked for a position")

    def close(self) -> None:
        pass


def test_it_ends_at_once_while_a_server_keeps_it_waiting(fleet: Fleet) -> None:
    """A server that takes the question and never answers: closing the window must not wait for its timeout."""
    device = fleet.device("technician")
    device.close()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = ClientSettings(
            device.folder, f"http://127.0.0.1:{silent.getsockname()[1]}", fleet.small.organization.slug
        )
        desk = Desk(settings, device.store, clock=device.clock)
        person = AtWork.begin(desk, "technician", PASSWORD, positions=_NoReceiver())  # type: ignore[arg-type]
        peer, _ = silent.accept()
        with peer:
            assert peer.recv(65536).startswith(b"POST /v1/")
            began = time.monotonic()
            person.close()
            assert time.monotonic() - began < STOP_S
    assert not any(thread.name == "sync" for thread in threading.enumerate())
    device.workplace = device.desk.open("technician", PASSWORD)
    fleet.assert_converged()


def test_a_person_at_work_syncs_from_the_first_moment(fleet: Fleet) -> None:
    device = fleet.device("technician")
    device.close()
    online = threading.Event()
    person = AtWork.begin(device.desk, "technician", PASSWORD, positions=_NoReceiver())  # type: ignore[arg-type]
    person.scheduler.subscribe(lambda status: online.set() if status.connection is Connection.ONLINE else None)
    if person.scheduler.status.connection is not Connection.ONLINE:
        assert online.wait(GUARD_S)
    assert person.session.signed_in.role == "technician"
    assert [each.login for each in person.session.people.enrolled()] == ["technician"]
    person.close()
    person.close()
    device.workplace = device.desk.open("technician", PASSWORD)
    fleet.assert_converged()
