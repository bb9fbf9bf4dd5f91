"""The sync thread and the lease: it warns, it closes the device when nothing is left, and any answer opens it again."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from cmms_desktop.errors import LeaseOver
from cmms_desktop.sync.lease_keeper import LeaseKeeper
from cmms_desktop.sync.scheduler import LOOK_EVERY_S
from cmms_desktop.sync.status import Connection
from tests.support.set_clock import IN_2090, SetClock
from tests.unit.sync.watched import Watched
from tests.unit.sync.wire import Wire, problem


class Lease:
    """The lease of the wire's device, begun anew with each session as the composition root has it."""

    def __init__(self, wire: Wire) -> None:
        self.clock = SetClock()
        self.keeper = LeaseKeeper(wire.field.replica, clock=self.clock, uptime=self.clock.uptime)
        self.keeper.answered()
        wire.session._heard = lambda _answer: self.keeper.answered()


@pytest.fixture
def lease(wire: Wire) -> Lease:
    return Lease(wire)


@pytest.fixture
def watched(wire: Wire, lease: Lease) -> Iterator[Watched]:
    made = Watched(wire, lease_left=lease.keeper.left)
    made.start()
    yield made
    made.scheduler.stop()


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no network")


def go_away(wire: Wire) -> None:
    for path in ("hello", "sync", "pull", "refresh"):
        wire.once(path, *[away] * 200)


def come_back(wire: Wire) -> None:
    wire.instead.clear()


def end_session(wire: Wire) -> None:
    wire.valid.clear()
    wire.once("refresh", *[lambda request: problem("session_expired", 401)] * 200)


def test_a_device_that_hears_nothing_is_closed_when_its_lease_is_over(
    watched: Watched, wire: Wire, lease: Lease
) -> None:
    go_away(wire)
    watched.pass_s(80)
    assert (watched.status.connection, watched.status.locks_in_days) == (Connection.OFFLINE, None)
    lease.clock.pass_time(days=12, hours=1)
    watched.pass_s(300)
    assert watched.status.locks_in_days == 2
    lease.clock.pass_time(days=2)
    watched.pass_s(600)
    assert watched.status.recalled == "lease"
    assert watched.status.problem == LeaseOver().sentence


def test_an_answer_in_time_ends_the_warning(watched: Watched, wire: Wire, lease: Lease) -> None:
    go_away(wire)
    lease.clock.pass_time(days=13)
    watched.pass_s(80)
    assert watched.status.locks_in_days == 1
    come_back(wire)
    wire.valid.clear()  # so long after, the session has to be renewed
    watched.scheduler.sync_now()
    watched.settle()
    assert (watched.status.connection, watched.status.locks_in_days) == (Connection.ONLINE, None)
    assert lease.keeper.left() == timedelta(days=14)


def test_a_session_that_is_over_does_not_outlive_the_lease_although_nothing_is_asked(
    watched: Watched, wire: Wire, lease: Lease
) -> None:
    end_session(wire)
    watched.scheduler.sync_now()
    watched.settle()
    assert watched.status.connection is Connection.SIGN_IN
    lease.clock.pass_time(days=12, hours=12)
    watched.pass_s(LOOK_EVERY_S)
    assert (watched.status.connection, watched.status.locks_in_days) == (Connection.SIGN_IN, 2)
    wire.new_asked()
    lease.clock.set_to(IN_2090)
    watched.pass_s(LOOK_EVERY_S)
    assert watched.status.recalled == "lease"
    assert wire.new_asked() == [], "nobody was asked for it"


def test_who_edits_while_the_session_is_over_has_the_lease_looked_at_no_more_often(
    watched: Watched, wire: Wire, lease: Lease
) -> None:
    end_session(wire)
    watched.scheduler.sync_now()
    watched.settle()
    before = wire.field.replica.state().lease
    for at in range(3):
        lease.clock.pass_time(seconds=5)
        watched.edit(f"Title {at}")
        watched.pass_s(5)
    assert wire.field.replica.state().lease == before
    watched.pass_s(LOOK_EVERY_S - 15)
    looked = wire.field.replica.state().lease
    assert looked is not None
    assert looked.used_s > 14, "edits do not put it off either"


def test_while_the_server_answers_no_clock_closes_the_device(watched: Watched, wire: Wire, lease: Lease) -> None:
    lease.clock.set_to(IN_2090)
    wire.valid.clear()
    watched.pass_s(80)
    assert (watched.status.connection, watched.status.recalled) == (Connection.ONLINE, "")
    assert lease.keeper.left() == timedelta(days=14)
