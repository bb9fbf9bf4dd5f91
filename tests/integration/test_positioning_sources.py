"""Real sockets, a real pseudo-terminal and real files behind the one interface of position sources."""

import os
import socket
import threading
import time
import tracemalloc
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from cmms_desktop.devices.positioning.arrival import first_trustworthy_fix
from cmms_desktop.devices.positioning.fix import Fix, PositionSource, PositionUnavailable
from cmms_desktop.devices.positioning.nmea_source import NmeaSource, recorded_file, serial_receiver, tcp_receiver
from cmms_desktop.devices.positioning.serial_line import SerialLine
from cmms_desktop.devices.positioning.tcp_stream import GPSD_WATCH, TcpStream
from tests.support.nmea import NOW, SITE, STARTED_AT, UBX_NOISE, new_decoder, standing_still
from tests.support.shared_data import shared_data

GPSD_BANNER = b'{"class":"VERSION","release":"3.25","rev":"3.25","proto_major":3,"proto_minor":15}\r\n'
GPSD_STATE = (
    b'{"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/ttyUSB0"}]}\r\n{"class":"WATCH","nmea":true}\r\n'
)
WAIT_S = 60.0
"""An upper bound for what takes milliseconds; only a broken program waits so long."""

Conversation = Callable[[socket.socket], None]


@contextmanager
def serving(*conversations: Conversation) -> Iterator[int]:
    """A server on loopback that holds one conversation per connection, in order, then hangs up; gives its port."""
    errors: list[BaseException] = []

    def run(listener: socket.socket) -> None:
        try:
            for number, conversation in enumerate(conversations, start=1):
                peer, _ = listener.accept()
                if number == len(conversations):
                    listener.close()  # whoever comes again is refused
                with peer:
                    peer.settimeout(WAIT_S)
                    conversation(peer)
        except BaseException as exc:
            errors.append(exc)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(WAIT_S)
        port = listener.getsockname()[1]
        thread = threading.Thread(target=run, args=(listener,), daemon=True)
        thread.start()
        yield port
        thread.join(WAIT_S)
    assert not thread.is_alive()
    assert errors == []


def saying(*pieces: bytes) -> Conversation:
    """Send pieces, each as a write of its own, then hang up."""

    def conversation(peer: socket.socket) -> None:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            peer.sendall(piece)
        peer.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            peer.recv(1)  # until the other side has read and closed

    return conversation


def as_gpsd(stream: bytes) -> Conversation:
    """Greet, refuse to speak NMEA before it is asked for, then send."""

    def conversation(peer: socket.socket) -> None:
        peer.sendall(GPSD_BANNER[:20])
        peer.sendall(GPSD_BANNER[20:])
        asked = b""
        while not asked.endswith(b"\n"):
            asked += peer.recv(100)
        assert asked == GPSD_WATCH
        saying(GPSD_STATE, stream)(peer)

    return conversation


def network_source(port: int, *, give_up_s: float = 0.5, silence_s: float = 60) -> NmeaSource:
    door = TcpStream("127.0.0.1", port, retry_s=0.01, give_up_s=give_up_s, silence_s=silence_s)
    return NmeaSource(door, new_decoder)


def fixes_until_lost(source: NmeaSource) -> list[Fix]:
    found: list[Fix] = []

    def collect() -> None:
        for fix in source.fixes():
            found.append(fix)  # one by one: what came before the error counts

    with source, pytest.raises(PositionUnavailable, match="stopped answering"):
        collect()
    return found


def test_a_raw_stream_on_the_network_gives_fixes() -> None:
    with serving(saying(standing_still(5))) as port, tcp_receiver("127.0.0.1", port, clock=lambda: NOW) as source:
        fix = first_trustworthy_fix(source, within_s=WAIT_S)
    assert fix is not None
    assert (fix.latitude, fix.longitude) == pytest.approx(SITE, abs=1e-6)
    assert (fix.source, fix.is_mock, fix.received_at) == ("nmea-tcp", False, NOW)


def test_gpsd_is_recognised_and_asked_for_sentences() -> None:
    with serving(as_gpsd(standing_still(5))) as port, tcp_receiver("127.0.0.1", port, clock=lambda: NOW) as source:
        fix = first_trustworthy_fix(source, within_s=WAIT_S)
        assert source.statistics.stray_lines == 3
    assert fix is not None
    assert fix.taken_at == STARTED_AT


def test_a_raw_stream_is_never_written_to() -> None:
    heard: list[bytes] = []

    def conversation(peer: socket.socket) -> None:
        peer.sendall(standing_still(5))
        heard.append(peer.recv(100))

    with serving(conversation) as port, tcp_receiver("127.0.0.1", port, clock=lambda: NOW) as source:
        assert first_trustworthy_fix(source, within_s=WAIT_S) is not None
        source.close()
    assert heard == [b""]


def test_a_stream_in_single_bytes_gives_the_same_fixes() -> None:
    stream = UBX_NOISE + standing_still(3)
    pieces = [stream[index : index + 1] for index in range(len(stream))]
    with serving(saying(*pieces)) as port:
        found = fixes_until_lost(network_source(port))
    assert [fix.taken_at.second for fix in found] == [0, 1]


def test_the_recorded_torture_over_a_socket_gives_its_fix() -> None:
    raw = (shared_data("gps_nmea_gpsd") / "tcp-torture.log").read_bytes()
    with serving(saying(*raw.split(b"|"))) as port:
        door = TcpStream("127.0.0.1", port, retry_s=0.01, give_up_s=0.5)
        source = NmeaSource(door, lambda: new_decoder(earliest=STARTED_AT.date().replace(year=2000)))
        found = fixes_until_lost(source)
    assert [fix.accuracy_m for fix in found] == [8.5]


def test_a_lost_connection_is_made_again_and_halves_are_not_joined() -> None:
    half = standing_still(4)[:-40]
    rest = standing_still(4, started_at=STARTED_AT + timedelta(seconds=10))
    with serving(saying(half), saying(rest[30:])) as port:
        source = network_source(port)
        found = fixes_until_lost(source)
    assert [fix.taken_at.second for fix in found if fix.accuracy_m] == [0, 1, 2, 11, 12]
    assert source.statistics.connections == 2
    assert source.statistics.bad_checksum == 0


def test_an_address_where_nobody_listens_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(PositionUnavailable, match=f"127.0.0.1:{port} cannot be reached") as caught:
        tcp_receiver("127.0.0.1", port, clock=lambda: NOW).open()
    assert isinstance(caught.value.__cause__, OSError)


def test_a_receiver_that_never_comes_back_is_given_up_with_a_sentence() -> None:
    with serving(saying(standing_still(1))) as port:
        source = network_source(port)
        assert fixes_until_lost(source) == []
    assert source.statistics.sentences == 2


def test_a_silent_peer_costs_no_more_than_the_time_given() -> None:
    def conversation(peer: socket.socket) -> None:
        peer.recv(1)

    with serving(conversation) as port, network_source(port) as source:
        started_s = time.monotonic()
        assert source.next_fix(0.2) is None
        assert 0.19 <= time.monotonic() - started_s < 5
        assert not source.is_exhausted
        source.close()


def test_a_peer_that_stays_silent_counts_as_lost() -> None:
    def conversation(peer: socket.socket) -> None:
        peer.recv(1)

    with serving(conversation, conversation) as port:
        source = network_source(port, silence_s=0.1, give_up_s=0.1)
        with source, pytest.raises(PositionUnavailable, match="stopped answering"):
            first_trustworthy_fix(source, within_s=WAIT_S)


def test_endless_garbage_costs_bounded_memory_and_ends_on_time() -> None:
    def conversation(peer: socket.socket) -> None:
        with suppress(OSError):
            while True:
                peer.sendall(b"$GPGGA,\x00\xff" * 4096)

    with serving(conversation) as port, network_source(port) as source:
        tracemalloc.start()
        assert first_trustworthy_fix(source, within_s=0.5) is None
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert source.statistics.overlong == 1
        assert peak_bytes < 1_000_000
        source.close()


def test_closing_from_another_thread_ends_the_wait() -> None:
    def conversation(peer: socket.socket) -> None:
        peer.recv(1)

    with serving(conversation) as port:
        source = network_source(port)
        source.open()
        timer = threading.Timer(0.1, source.close)
        timer.start()
        started_s = time.monotonic()
        assert source.next_fix(WAIT_S) is None
        assert time.monotonic() - started_s < WAIT_S / 2
        assert source.is_exhausted
        timer.join()


def test_a_line_is_never_let_go_while_somebody_reads_from_it() -> None:
    """A descriptor that is closed under a reader is given to the next connection, and he would wait there."""

    class Line:
        connections = 1

        def __init__(self) -> None:
            self.reading, self.woken, self.closed = (threading.Event() for _ in range(3))
            self.was_closed_in_use = False

        def open(self) -> None:
            self.closed.clear()

        def read(self, timeout_s: float) -> bytes | None:
            self.reading.set()
            self.woken.wait(WAIT_S)
            self.was_closed_in_use = self.closed.wait(0.2)
            return b""

        def wake(self) -> None:
            self.woken.set()

        def close(self) -> None:
            self.closed.set()

    line = Line()
    source = NmeaSource(line, new_decoder)

    def search() -> None:
        with source:
            source.next_fix(WAIT_S)

    thread = threading.Thread(target=search, daemon=True)
    thread.start()
    assert line.reading.wait(WAIT_S)
    source.close()
    thread.join(WAIT_S)
    assert not thread.is_alive()
    assert line.closed.is_set(), "who was reading has let go"
    assert not line.was_closed_in_use


def test_closing_ends_the_wait_at_a_silent_serial_line() -> None:
    with pseudo_terminal() as (_, name), serial_receiver(name, clock=lambda: NOW) as source:
        timer = threading.Timer(0.1, source.close)
        timer.start()
        started_s = time.monotonic()
        assert source.next_fix(WAIT_S) is None
        assert time.monotonic() - started_s < WAIT_S / 2
        assert source.is_exhausted
        timer.join()


@contextmanager
def pseudo_terminal() -> Iterator[tuple[int, str]]:
    """A serial line without hardware: the descriptor of the receiver's end and the name of ours."""
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(slave)
        with suppress(OSError):
            os.close(master)


def test_a_receiver_on_a_serial_line_gives_fixes() -> None:
    with pseudo_terminal() as (master, name), serial_receiver(name, clock=lambda: NOW) as source:
        os.write(master, UBX_NOISE + standing_still(3))
        fix = first_trustworthy_fix(source, within_s=WAIT_S)
    assert fix is not None
    assert (fix.latitude, fix.longitude) == pytest.approx(SITE, abs=1e-6)
    assert (fix.source, fix.is_mock, fix.accuracy_m) == ("nmea-serial", False, 4.5)


def test_what_the_line_had_stored_before_opening_is_discarded() -> None:
    with pseudo_terminal() as (master, name):
        os.write(master, standing_still(3))
        with serial_receiver(name, clock=lambda: NOW) as source:
            os.write(master, standing_still(3, started_at=STARTED_AT + timedelta(minutes=5)))
            fix = first_trustworthy_fix(source, within_s=WAIT_S)
    assert fix is not None
    assert fix.taken_at == STARTED_AT + timedelta(minutes=5)


def test_a_silent_serial_line_costs_no_more_than_the_time_given() -> None:
    with pseudo_terminal() as (_, name), serial_receiver(name, clock=lambda: NOW) as source:
        started_s = time.monotonic()
        assert source.next_fix(0.2) is None
        assert 0.19 <= time.monotonic() - started_s < 5


def test_an_unplugged_receiver_is_told_in_words() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    os.close(slave)
    with serial_receiver(name, clock=lambda: NOW) as source:
        os.write(master, standing_still(1))
        assert source.next_fix(0.2) is None
        os.close(master)
        with pytest.raises(PositionUnavailable, match=f"{name} stopped answering"):
            source.next_fix(WAIT_S)


@pytest.mark.parametrize("device", ["/dev/no-such-receiver", "/"])
def test_a_device_that_cannot_be_opened_is_told_in_words(device: str) -> None:
    with pytest.raises(PositionUnavailable, match="cannot be opened"):
        serial_receiver(device, clock=lambda: NOW).open()


def test_a_failing_port_is_translated_and_a_closed_one_is_the_end() -> None:
    class FailingPort:
        timeout: float | None = None
        in_waiting = 0

        def read(self, size: int) -> bytes:
            raise OSError("input/output error")

        def cancel_read(self) -> None:
            self.timeout = None

        def close(self) -> None:
            self.timeout = None

    line = SerialLine("COM3", opener=lambda _device, _baud: FailingPort())
    line.open()
    with pytest.raises(PositionUnavailable, match="COM3"):
        line.read(0.1)
    line.close()
    assert line.read(0.1) is None


def test_every_source_keeps_the_same_promises(tmp_path: Path) -> None:
    """The conformance of the three doors: two fixes in order, counted, then an end that stays an end."""
    path = tmp_path / "still.nmea"
    path.write_bytes(standing_still(3))
    with serving(saying(standing_still(3))) as port, pseudo_terminal() as (master, name):
        sources: list[PositionSource] = [
            recorded_file(path, clock=lambda: NOW),
            tcp_receiver("127.0.0.1", port, clock=lambda: NOW),
            serial_receiver(name, clock=lambda: NOW),
        ]
        for source in sources:
            source.open()
            os.write(master, standing_still(3))
            seconds = [fix.taken_at.second for _ in range(2) if (fix := source.next_fix(WAIT_S))]
            assert seconds == [0, 1]
            assert source.statistics.fixes >= 2
            assert source.statistics.connections == 1
            source.close()
            source.close()
            list(source.fixes())
            assert source.is_exhausted
            assert source.next_fix(0) is None
