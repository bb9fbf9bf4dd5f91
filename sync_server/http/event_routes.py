"""The stream of pokes to one device (server-sent events): says that something changed, and never what."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from litestar import get
from litestar.params import HeaderParameter
from litestar.response import Stream

from sync_server.application.pokes import Pokes
from sync_server.authz.visibility import Caller
from sync_server.http.described import EVENTS, PROVEN, answered_with, refusals
from sync_server.http.services import CallerHere, HttpRequest, ServicesHere, token_of

HEARTBEAT_S = (20.0, 25.0)
"""Silence never lasts longer: a device takes a stream that says nothing for 60 s for dead."""
POKES = answered_with(EVENTS, "Server-sent events: numbers of commits, and never what they say.")
HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
"""Proxies must not collect what is sent."""


@get("/v1/events", responses={**refusals(), **POKES}, security=PROVEN)
async def events(
    request: HttpRequest,
    caller: CallerHere,
    services: ServicesHere,
    last_event_id: Annotated[str, HeaderParameter(name="Last-Event-ID")] = "",
) -> Stream:
    """Poke the device until its token is over. `Last-Event-ID`: the commit up to which it has pulled."""
    services.pokes.require_room()
    ends_at = services.tokens.ends_at(token_of(request))
    stream = _stream(
        services.pokes,
        caller,
        known_seq=_number(last_event_id),
        lasts_s=(ends_at - datetime.now(UTC)).total_seconds(),
    )
    return Stream(stream, media_type=EVENTS, headers=HEADERS)


def _number(text: str) -> int | None:
    """The commit that a device names; None: it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


async def _stream(pokes: Pokes, caller: Caller, *, known_seq: int | None, lasts_s: float) -> AsyncIterator[bytes]:
    """Give a comment at once, so that the device knows who answers; then pokes, and a comment where there are none."""
    loop = asyncio.get_running_loop()
    ear, ends_s = LoopEar(loop), loop.time() + lasts_s
    with pokes.listening(caller, ear, known_seq=known_seq):
        yield b": listening\n\n"
        while not ear.is_over and loop.time() < ends_s:
            seq = await ear.next_poke(min(random.uniform(*HEARTBEAT_S), ends_s - loop.time()))
            yield b": nothing\n\n" if seq is None else b"id: %d\ndata\n\n" % seq


class LoopEar:
    """Hears in the thread of the pokes and says it in the loop of the requests. Holds one poke, the newest."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news = asyncio.Event()
        self._seq: int | None = None
        self.is_over = False

    def poke(self, seq: int, after_s: float) -> None:
        """Keep a poke and wake the stream, after a while."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._loop.call_later, after_s, self._take, seq)

    def end(self) -> None:
        """Let the stream end."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._finish)

    def _take(self, seq: int) -> None:
        self._seq = seq
        self._news.set()

    def _finish(self) -> None:
        self.is_over = True
        self._news.set()

    async def next_poke(self, timeout_s: float) -> int | None:
        """Wait for a poke; None: there was none for so long, or nothing more will come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        self._news.clear()
        seq, self._seq = self._seq, None
        return seq
