"""The thread that listens: when it does, what it passes on, and how it comes again. Time goes by hand."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Queue

import httpx
import pytest

from cmms_desktop.sync.poke_listener import LONGEST_RETRY_S, PokeListener
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.sync.transport import Transport
from tests.support.hand_clock import GUARD_S, HandClock
from tests.unit.sync.wire import URL, problem

EVENTS = {"Content-Type": "text/event-stream; charset=utf-8"}
ALIVE = b": listening\n\n"


def poke(seq: int) -> bytes:
    return b"id: %d\ndata\n\n" % seq


class Line(httpx.SyncByteStream):
    """The bytes of a stream, as a test sends them. None ends it in good order, an error breaks it."""

    def __init__(self) -> None:
        self.sent: Queue[bytes | Exception | None] = Queue()

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self.sent.get(timeout=GUARD_S)) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece


@dataclass
class Conversation:
    """What was passed on."""

    pokes: "Queue[int]" = field(default_factory=Queue)
    reached: "Queue[str]" = field(default_factory=Queue)
    listeners: list[Callable[[SyncStatus], None]] = field(default_factory=list)

    def subscribe(self, listener: Callable[[SyncStatus], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return self.listeners.clear

    def poked(self, seq: int) -> None:
        self.pokes.put(seq)

    def reached_server(self) -> None:
        self.reached.put("reached")

    def say(self, connection: Connection) -> None:
        for listener in tuple(self.listeners):
            listener(SyncStatus(connection=connection))


class Listening:
    """A listener whose server is a list of answers."""

    def __init__(self) -> None:
        self.said, self.time = Conversation(), HandClock()
        self.answers: Queue[Callable[[], httpx.Response]] = Queue()
        self.asked: Queue[httpx.Request] = Queue()
        self.token, self.pulled_seq = "token-1", 7
        client = httpx.Client(base_url=URL, transport=httpx.MockTransport(self._answer))
        self.listener = PokeListener(
            self.said,
            Transport(URL, prove=lambda token: f"proof of {token}", client=client),
            token=lambda: self.token,
            pulled_seq=lambda: self.pulled_seq,
            chance=lambda: 0.5,
            steady=self.time,
        )
        self.listener.start()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.put(request)
        return self.answers.get(timeout=GUARD_S)()

    def answer(self, *answers: Callable[[], httpx.Response]) -> None:
        for each in answers:
            self.answers.put(each)

    def open_line(self) -> Line:
        """Let the next request be answered by a stream that lasts."""
        line = Line()
        self.answer(lambda: httpx.Response(200, headers=EVENTS, stream=line))
        return line

    def go_online(self) -> None:
        self.said.say(Connection.ONLINE)

    def request(self) -> httpx.Request:
        return self.asked.get(timeout=GUARD_S)

    def poked(self) -> int:
        return self.said.pokes.get(timeout=GUARD_S)

    def next_try_s(self) -> float:
        """For how long it sleeps now."""
        nap = self.time.until_asleep()
        assert nap is not None, "it means to sleep for ever"
        return nap


@pytest.fixture
def listening() -> Iterator[Listening]:
    made = Listening()
    yield made
    made.listener.end()
    made.answer(lambda: httpx.Response(502))
    made.listener.stop()
    assert not made.listener._thread.is_alive()


def away() -> httpx.Response:
    raise httpx.ConnectError("no network")


def portal() -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<h1>Welcome")


def test_it_listens_when_the_first_cycle_has_gone_well(listening: Listening) -> None:
    assert listening.time.until_asleep() is None
    listening.said.say(Connection.SENDING)
    assert listening.time.until_asleep() is None
    line = listening.open_line()
    listening.go_online()
    request = listening.request()
    assert (request.method, request.url.path) == ("GET", "/v1/events")
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["device-proof"] == "proof of token-1"
    assert request.headers["last-event-id"] == "7"
    assert request.extensions["timeout"]["read"] == 60.0, "silence of a minute is a lost network"
    line.sent.put(None)


def test_a_poke_is_passed_on_and_a_sign_of_life_is_not(listening: Listening) -> None:
    line = listening.open_line()
    listening.go_online()
    for piece in (ALIVE, b": nothing\n\n", poke(8)):
        line.sent.put(piece)
    assert listening.poked() == 8
    assert listening.listener.is_live
    assert listening.said.reached.get(timeout=GUARD_S) == "reached"
    assert listening.said.reached.empty()
    line.sent.put(None)


def test_what_was_pulled_already_is_not_passed_on(listening: Listening) -> None:
    """An own edit moves the clock, too; its pull has brought it."""
    line = listening.open_line()
    listening.go_online()
    for piece in (ALIVE, poke(7), poke(7), poke(6), poke(9)):
        line.sent.put(piece)
    assert listening.poked() == 9
    line.sent.put(None)


def test_a_clock_that_was_set_back_by_a_restore_is_told_at_the_first_comparison(listening: Listening) -> None:
    line = listening.open_line()
    listening.go_online()
    line.sent.put(ALIVE + poke(5))
    assert listening.poked() == 5
    line.sent.put(None)


@pytest.mark.parametrize("cut", range(1, len(ALIVE + poke(12345))))
def test_pokes_may_come_in_any_pieces(listening: Listening, cut: int) -> None:
    line = listening.open_line()
    listening.go_online()
    whole = ALIVE + poke(12345)
    line.sent.put(whole[:cut])
    line.sent.put(whole[cut:])
    assert listening.poked() == 12345
    line.sent.put(None)


@pytest.mark.parametrize(
    "answer",
    [
        away,
        portal,
        lambda: httpx.Response(302, headers={"Location": "http://portal"}),
        lambda: httpx.Response(502, content=b"<h1>Bad gateway"),
        lambda: httpx.Response(200, headers={"Content-Type": "application/json"}, content=b"{}"),
        lambda: httpx.Response(200, headers=EVENTS, content=b"x" * 10_000),
        lambda: problem("not_found", 404),
        lambda: problem("not_allowed", 403),
        lambda: problem("internal", 500, retry_after_s=1),
    ],
)
def test_whatever_answers_instead_is_tried_again_later_and_passes_nothing_on(
    listening: Listening, answer: Callable[[], httpx.Response]
) -> None:
    listening.answer(answer)
    listening.go_online()
    listening.request()
    assert 0 < listening.next_try_s() <= 2
    assert not listening.listener.is_live
    assert listening.said.pokes.empty()
    assert listening.said.reached.empty()


def test_each_failure_waits_longer_and_a_sign_of_life_begins_anew(listening: Listening) -> None:
    listening.answer(*[away] * 9)
    listening.go_online()
    waits = []
    for _ in range(8):
        listening.request()
        waits.append(listening.next_try_s())
        listening.time.let_pass(waits[-1])
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_RETRY_S, LONGEST_RETRY_S]
    listening.request()
    line = listening.open_line()
    line.sent.put(ALIVE)
    line.sent.put(httpx.ReadError("reset"))
    listening.time.let_pass(listening.next_try_s())
    listening.request()
    assert listening.next_try_s() == 1.0


def test_a_server_that_is_back_is_tried_at_once(listening: Listening) -> None:
    listening.answer(*[away] * 3)
    listening.go_online()
    listening.request()
    listening.time.until_asleep()
    listening.go_online()
    assert listening.asked.empty(), "it was online before: the line to the events alone is bad"
    listening.said.say(Connection.OFFLINE)
    listening.go_online()
    listening.request()


def test_a_token_that_is_over_asks_for_a_cycle_and_waits_for_the_next_one(listening: Listening) -> None:
    listening.answer(lambda: problem("session_expired", 401))
    listening.go_online()
    listening.request()
    assert listening.poked() == 8, "a cycle renews the session"
    assert listening.time.until_asleep() is None
    listening.go_online()
    assert listening.time.until_asleep() is None, "the old one is not tried again"
    line = listening.open_line()
    listening.token = "token-2"
    listening.go_online()
    assert listening.request().headers["authorization"] == "Bearer token-2"
    line.sent.put(None)


def test_a_device_that_was_revoked_asks_for_a_cycle_which_finds_out_why(listening: Listening) -> None:
    listening.answer(lambda: problem("device_revoked", 403))
    listening.go_online()
    listening.request()
    assert listening.poked() == 8
    assert listening.time.until_asleep() is not None, "it is tried again, more and more seldom"


def test_a_busy_server_is_left_alone_as_long_as_it_said_and_a_bit(listening: Listening) -> None:
    listening.answer(lambda: problem("busy", 503, retry_after_s=60))
    listening.go_online()
    listening.request()
    assert listening.next_try_s() == 90.0


def test_a_stream_that_ends_in_good_order_is_opened_again_within_a_second(listening: Listening) -> None:
    line = listening.open_line()
    listening.go_online()
    line.sent.put(ALIVE)
    line.sent.put(None)
    listening.request()
    assert listening.next_try_s() == 0.5
    assert not listening.listener.is_live


@pytest.mark.expects_warnings
def test_what_cannot_happen_is_logged_and_tried_again(listening: Listening, caplog: pytest.LogCaptureFixture) -> None:
    def bug() -> httpx.Response:
        raise ZeroDivisionError

    listening.answer(bug)
    listening.go_online()
    listening.request()
    assert listening.next_try_s() == 1.0
    assert "ZeroDivisionError" in caplog.text


def test_ending_twice_and_before_it_began_is_fine() -> None:
    made = Listening()
    made.listener.stop()
    made.listener.stop()
    assert not any(thread is made.listener._thread for thread in threading.enumerate())
