"""The real client and server over a line that delays, slices, doubles, mixes up, cuts and resets whatever it carries.

It is a TCP proxy of our own, which knows nothing of HTTP; what happens follows from a seed.
"""

import random
from collections.abc import Iterator

import pytest

from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.sync.engine import Report
from tests.support.deadly_day import DeadlyDay
from tests.support.fleet import TIMEOUT_S, Fleet, a_fleet
from tests.support.order_work import comment
from tests.support.stoppable_server import StoppableServer
from tests.support.tcp_proxy import KINDS, Kind, Line, Proxy, Trouble, a_proxy

pytestmark = [pytest.mark.slow, pytest.mark.expects_warnings]  # a server notes that a client broke off
ROUNDS = 12
STORMS = (1, 2)
MOST_TROUBLES = 4
"""Connections of a round that something happens to; later ones are good."""
PLACES = (1, 2, 17, 120, 190, 260, 400, 800, 2_000)
"""Bytes of the answers of a cycle before which it ends: in the status line, in heads, in bodies, between answers."""


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def proxy(stoppable_server: StoppableServer, line: Line) -> Iterator[Proxy]:
    stoppable_server.start()
    with a_proxy(stoppable_server.url, line) as running:
        yield running


@pytest.fixture
def far_fleet(stoppable_server: StoppableServer, proxy: Proxy) -> Iterator[Fleet]:
    """A fleet whose devices reach the server only over the line."""
    with a_fleet(stoppable_server, way=proxy.url) as fleet:
        yield fleet


@pytest.mark.parametrize("seed", STORMS)
def test_after_any_weather_on_the_line_everybody_has_the_same(
    far_fleet: Fleet, proxy: Proxy, line: Line, seed: int
) -> None:
    line.chance = random.Random(seed)
    day = DeadlyDay(far_fleet)
    for number in range(ROUNDS):
        chance = random.Random(seed * 1_000 + number)
        day.work(chance)
        proxy.hang_up()
        line.expect(Trouble.draw(chance) for _ in range(MOST_TROUBLES))
        for _ in range(2):
            with day.everybody_syncs():
                pass
    assert len(set(line.log)) > len(KINDS) // 2, "hardly anything happened"
    line.script.clear()
    proxy.hang_up()
    far_fleet.assert_converged()


@pytest.mark.parametrize("kind", ["reset", "truncate", "half-close"])
def test_a_line_that_ends_at_any_byte_of_the_answers_loses_and_doubles_nothing(
    far_fleet: Fleet, proxy: Proxy, line: Line, kind: Kind
) -> None:
    device = far_fleet.device("technician")
    order_id = far_fleet.small.order_ids[0]
    for at_byte in PLACES:
        comment(device, order_id, f"Before byte {at_byte}.")
        proxy.hang_up()
        line.expect([Trouble(kind, at_byte)])
        outcome = device.sync()
        assert isinstance(outcome, Report | ServerUnreachable), outcome
        device.sync_well()
    texts = [row["text"] for row in device.rows("comment", order_id)]
    assert texts == [f"Before byte {at_byte}." for at_byte in PLACES]
    assert line.log.count(kind) == len(PLACES)
    far_fleet.assert_converged()


def test_requests_that_arrive_twice_on_two_connections_count_once(far_fleet: Fleet, proxy: Proxy, line: Line) -> None:
    device = far_fleet.device("technician")
    order_id = far_fleet.small.order_ids[0]
    for number in range(10):
        comment(device, order_id, f"Once {number}.")
        proxy.hang_up()
        line.expect([Trouble("duplicate")])
        device.sync()
        device.sync_well()
    proxy.hang_up()
    assert line.log.count("duplicate") == 10
    assert [row["text"] for row in device.rows("comment", order_id)] == [f"Once {number}." for number in range(10)]
    far_fleet.assert_converged()


def test_a_line_that_swallows_everything_is_no_network_after_a_while(
    far_fleet: Fleet, proxy: Proxy, line: Line
) -> None:
    device = far_fleet.device("technician")
    comment(device, far_fleet.small.order_ids[0], "Said into a hole.")
    device.patience_s = 0.5
    device.workplace.transport.close()
    device.reopen()
    line.expect([Trouble("black hole")] * 3)
    assert isinstance(device.sync(), ServerUnreachable)
    assert device.waiting == 1
    device.patience_s = TIMEOUT_S
    device.reopen()
    line.script.clear()
    far_fleet.assert_converged()
