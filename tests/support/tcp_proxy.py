"""A bad line between devices and a server: a TCP proxy on loopback that knows nothing of HTTP.

`Line` says what happens to the next connections, one each; it can be changed at any time. Everything that happens
follows from a seed. One thread runs an event loop of its own; it never outlives the block that made it.
"""

import asyncio
import random
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

HOST: Final = "127.0.0.1"
START_S: Final = 60.0
TWIN_S: Final = 5.0
"""That a server may take for requests that nobody waits for."""
CHUNK_BYTES: Final = 65_536
LONGEST_S: Final = 0.02
"""Of a delay: enough to let others go first, short enough for thousands."""
Kind = Literal[
    "good",
    "latency",
    "bandwidth",
    "slices",
    "reset",
    "truncate",
    "duplicate",
    "reorder",
    "half-close",
    "black hole",
]
KINDS: Final[tuple[Kind, ...]] = (
    "latency",
    "bandwidth",
    "slices",
    "reset",
    "truncate",
    "duplicate",
    "reorder",
    "half-close",
)
"""All but the black hole, which costs a device its whole patience."""


@dataclass(frozen=True)
class Trouble:
    """What happens to one connection. `at_byte`: of the answers, counted from 1; where it happens."""

    kind: Kind = "good"
    at_byte: int = 1

    @classmethod
    def draw(cls, chance: random.Random) -> "Trouble":
        """Draw one; ends fall into heads, small answers, and large ones."""
        return cls(chance.choice(KINDS), chance.choice((1, 20, 200, 1_000, 5_000)) + chance.randrange(1_000))


@dataclass
class Line:
    """The state of the line."""

    seed: int = 0
    script: deque[Trouble] = field(default_factory=deque)
    """What happens to the next connections; afterwards the line is good."""
    log: list[str] = field(default_factory=list)
    """Kinds of the connections so far, in order."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def expect(self, troubles: Iterable[Trouble]) -> None:
        """Let these happen to the next connections, and none after them."""
        self.script = deque(troubles)

    def next(self) -> Trouble:
        """Take what happens to a new connection."""
        trouble = self.script.popleft() if self.script else Trouble()
        self.log.append(trouble.kind)
        return trouble


class Proxy:
    """Takes connections, and makes one to the server for each."""

    def __init__(self, server_url: str, line: Line) -> None:
        """Stand before a server that is always at the same address, whether it runs now or not."""
        address = urlsplit(server_url)
        self.line = line
        self._server = (str(address.hostname), int(address.port or 0))
        self._loop = asyncio.new_event_loop()
        self._listening: asyncio.Server | None = None
        self._turns: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp-proxy", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._listening is not None
        return f"http://{HOST}:{self._listening.sockets[0].getsockname()[1]}"

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(START_S)

    def hang_up(self) -> None:
        """Reset every connection, as when a machine was suspended or a network changed."""
        asyncio.run_coroutine_threadsafe(self._end_all(), self._loop).result(START_S)

    def close(self) -> None:
        """End everything."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_S)
        self._loop.close()

    async def _listen(self) -> None:
        self._listening = await asyncio.start_server(self._take, HOST, 0, backlog=64)

    async def _end(self) -> None:
        assert self._listening is not None
        self._listening.close()
        await self._end_all()

    async def _end_all(self) -> None:
        turns = dict(self._turns)
        for client, task in turns.items():
            _reset(client)
            task.cancel()
        await asyncio.gather(*turns.values(), return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._turns[client] = task
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._carry(reader, client, self.line.next())
        finally:
            del self._turns[client]
            client.close()

    async def _carry(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter, trouble: Trouble) -> None:
        if trouble.kind == "black hole":  # takes everything, sends nothing on, and ends when it is left
            while await reader.read(CHUNK_BYTES):
                pass
            return
        answers, server = await asyncio.open_connection(*self._server)
        twin = await _Twin.open(self._server) if trouble.kind == "duplicate" else None
        try:
            going = asyncio.create_task(self._go(reader, server, twin, trouble))
            with suppress(OSError):
                await self._come(answers, client, trouble)
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)
        finally:
            server.close()
            if twin is not None:
                await twin.close()

    async def _go(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, twin: "_Twin | None", trouble: Trouble
    ) -> None:
        """Requests, on their way to the server; a twin of the connection gets the same bytes."""
        while chunk := await reader.read(CHUNK_BYTES):
            if trouble.kind == "latency":
                await asyncio.sleep(self.line.chance.uniform(0, LONGEST_S))
            if twin is not None:
                await twin.send(chunk)
            server.write(chunk)
            await server.drain()
        server.write_eof()

    async def _come(self, answers: asyncio.StreamReader, client: asyncio.StreamWriter, trouble: Trouble) -> None:
        """Answers, on their way to the device, until something happens to them."""
        left = trouble.at_byte
        ends = trouble.kind in {"reset", "truncate", "half-close"}
        while chunk := await answers.read(CHUNK_BYTES):
            if trouble.kind in {"latency", "reorder"}:  # answers of other connections overtake these
                await asyncio.sleep(self.line.chance.uniform(0, LONGEST_S * (4 if trouble.kind == "reorder" else 1)))
            if ends and len(chunk) >= left:
                client.write(chunk[: left - 1])
                await client.drain()
                await self._end_of(client, trouble)
                return
            left -= len(chunk)
            await self._write(client, chunk, trouble)

    async def _write(self, client: asyncio.StreamWriter, chunk: bytes, trouble: Trouble) -> None:
        size = {"slices": 1 + trouble.at_byte % 97, "bandwidth": 1_024}.get(trouble.kind, len(chunk))
        for start in range(0, len(chunk), size):
            client.write(chunk[start : start + size])
            await client.drain()
            if trouble.kind == "bandwidth":
                await asyncio.sleep(0.001)
            elif trouble.kind == "slices":
                await asyncio.sleep(0)

    @staticmethod
    async def _end_of(client: asyncio.StreamWriter, trouble: Trouble) -> None:
        if trouble.kind == "reset":
            _reset(client)
        elif trouble.kind == "half-close":
            client.write_eof()
            await asyncio.sleep(LONGEST_S)


class _Twin:
    """A second connection that gets the same requests; its answers are read and thrown away."""

    def __init__(self, answers: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        self._server = server
        self._reading = asyncio.create_task(self._read(answers))

    @classmethod
    async def open(cls, address: tuple[str, int]) -> "_Twin":
        return cls(*await asyncio.open_connection(*address))

    async def send(self, chunk: bytes) -> None:
        with suppress(OSError):
            self._server.write(chunk)
            await self._server.drain()

    async def close(self) -> None:
        """Let the server finish what it was asked."""
        with suppress(OSError):
            self._server.write_eof()
        await asyncio.wait({self._reading}, timeout=TWIN_S)
        self._reading.cancel()
        self._server.close()

    @staticmethod
    async def _read(answers: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while await answers.read(CHUNK_BYTES):
                pass


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST: what is under way is thrown away on both ends."""
    taken = writer.get_extra_info("socket")
    if taken is not None:
        with suppress(OSError):
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def a_proxy(server_url: str, line: Line) -> Iterator[Proxy]:
    """A proxy for a block."""
    proxy = Proxy(server_url, line)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
