"""Ten thousand ears and five hundred hands in one thread: streams that listen, and devices that sync on the clock."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import zstandard

from tests.benchmarks.load_world import Worker

PATIENCE_S = 60.0


@dataclass(slots=True)
class Tally:
    """What came of it all."""

    opened_s: list[float] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    changed_rows: list[int] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def wrong(self, what: str) -> None:
        """Count an error by its name."""
        self.errors[what] = self.errors.get(what, 0) + 1


class Ear(asyncio.Protocol):
    """One stream: it is open when the server has said that it listens."""

    def __init__(self, request: bytes, tally: Tally) -> None:
        self._request, self._tally = request, tally
        self._began_s = time.perf_counter()
        self._head = b""
        self.is_closing = False
        self.opened = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Look for the first comment; later ones are only read."""
        if self.opened.done():
            return
        self._head += data
        if b": listening" in self._head:
            self._tally.opened_s.append(time.perf_counter() - self._began_s)
            self.opened.set_result(None)
        elif not self._head.startswith(b"HTTP/1.1 200"[: len(self._head)]):
            self._tally.wrong("stream refused")
            self.opened.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """A stream that ends before it is closed here is an error."""
        if not self.is_closing:
            self._tally.wrong("stream lost")
        if not self.opened.done():
            self.opened.set_result(None)


async def open_streams(
    url: str, listeners: list[dict[str, str]], tally: Tally, *, within_s: float
) -> tuple[float, list[tuple[asyncio.BaseTransport, Ear]]]:
    """Open all streams, evenly over a part of the time; give how long it took and what to close."""
    loop, place = asyncio.get_running_loop(), urlsplit(url)
    began_s = time.perf_counter()
    made: list[tuple[asyncio.BaseTransport, Ear]] = []

    async def one(number: int, headers: Mapping[str, str]) -> None:
        await asyncio.sleep(0.8 * within_s * number / len(listeners))
        request = _request("GET", "/v1/events", place.netloc, {**headers, "Last-Event-ID": "0"}, b"")
        try:
            pair = await loop.create_connection(lambda: Ear(request, tally), place.hostname or "", place.port or 80)
            made.append(pair)
            await asyncio.wait_for(asyncio.shield(pair[1].opened), PATIENCE_S)
        except (OSError, TimeoutError) as error:
            tally.wrong(f"stream {type(error).__name__}")

    await asyncio.gather(*(one(number, headers) for number, headers in enumerate(listeners)))
    return time.perf_counter() - began_s, made


def close_streams(streams: list[tuple[asyncio.BaseTransport, Ear]]) -> None:
    """Close all of them from this side."""
    for transport, ear in streams:
        ear.is_closing = True
        transport.close()


@dataclass(frozen=True, slots=True)
class Shift:
    """When devices sync: every so often, for so long after they have become warm. `on_warm` is called then."""

    every_s: float
    lasts_s: float
    warm_s: float
    on_warm: Callable[[], None]


async def work(url: str, workers: list[Worker], tally: Tally, shift: Shift) -> None:
    """Let every device sync on the clock: latency is counted from the intended moment, late or not."""
    began_s, every_s, warm_s = time.perf_counter() + 1.0, shift.every_s, shift.warm_s

    async def one(number: int, worker: Worker) -> None:
        hand = Hand(url, worker)
        intended_s, end_s = began_s + every_s * number / len(workers), began_s + warm_s + shift.lasts_s
        turn = 0
        while intended_s < end_s:
            await asyncio.sleep(max(0.0, intended_s - time.perf_counter()))
            try:
                changed = await asyncio.wait_for(hand.sync(turn), PATIENCE_S)
            except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
                tally.wrong(f"sync {type(error).__name__} {error}"[:80])
                hand.hang_up()
            else:
                if intended_s >= began_s + warm_s:
                    tally.latency_ms.append((time.perf_counter() - intended_s) * 1e3)
                    tally.changed_rows.append(changed)
            intended_s += every_s
            turn += 1
        hand.hang_up()

    async def tell() -> None:
        await asyncio.sleep(began_s + warm_s - time.perf_counter())
        shift.on_warm()

    await asyncio.gather(tell(), *(one(number, worker) for number, worker in enumerate(workers)))


class Hand:
    """One active device on its kept-alive connection."""

    def __init__(self, url: str, worker: Worker) -> None:
        self._place, self._client, self._order = urlsplit(url), worker.client, dict(worker.order)
        self._credentials = worker.client.credentials()
        self._cursor = worker.client.mirror.cursor
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None

    async def sync(self, turn: int) -> int:
        """Send one edit and pull; give how many rows of others came. Raises ValueError for an answer that is wrong."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._place.hostname, self._place.port, limit=1 << 20)
        reader, writer = self._streams
        edit = self._client.edit("work_order", self._order, title=f"Edit {turn}")
        body = b'{"push":' + self._client.body_of(self._client.device.seal(edit))
        body += b',"pull":' + json.dumps({"cursor": self._cursor}).encode() + b"}"
        writer.write(_request("POST", "/v1/sync", self._place.netloc, self._credentials, body))
        return self._take([json.loads(line) for line in (await _answer(reader)).splitlines()])

    def _take(self, lines: list[list[object]]) -> int:
        pushed, header, changed = lines[0][1], lines[1][1], 0
        assert isinstance(pushed, dict)
        assert isinstance(header, dict)
        if [verdict["status"] for verdict in pushed["verdicts"]] != ["applied"]:
            raise ValueError(f"verdict {pushed['verdicts']}")
        for line in lines:
            if line[0] == "rows":
                assert isinstance(line[2], list)
                columns = header["types"][line[1]]
                for values in line[2]:
                    row = dict(zip(columns, values, strict=True))
                    if row["id"] == self._order["id"]:
                        self._order = row
                    else:
                        changed += 1
        if lines[-1][0] != "end":
            raise ValueError("an answer without its end")
        assert isinstance(lines[-1][1], dict)
        self._cursor = self._client.mirror.cursor = lines[-1][1]["cursor"]
        return changed


def _request(method: str, path: str, host: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer. Raises ValueError unless it is a good one."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((line.partition(":")[2] for line in head.splitlines() if line.startswith("content-length:")), None)
    if length is not None:
        body = await reader.readexactly(int(length))
    else:
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    if not head.startswith("http/1.1 200"):
        raise ValueError(f"{head[9:12]} {body[:60]!r}")
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)
