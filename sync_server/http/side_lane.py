"""Threads for bytes of photos alone: a store that answers slowly keeps photos waiting, never the text of others.

Used by one loop. Keeps nothing but a count.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

from sync_server.errors import RetryLater

THREADS = 8
MOST = 64
"""Requests at a time; each may hold a chunk of 1 MiB while it waits for a thread."""
FULL_S = 5

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class SideLane:
    """Runs what may wait for a store of objects."""

    def __init__(self, *, threads: int = THREADS, most: int = MOST) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="blobs")
        self._most = most
        self._inside = 0

    async def run(self, function: Callable[Given, Answer], *given: Given.args, **named: Given.kwargs) -> Answer:
        """Call a function in one of the threads. Raises RetryLater when too many wait for one."""
        if self._inside >= self._most:
            raise RetryLater("Many photos are on their way. Yours are next.", retry_after_s=FULL_S)
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *given, **named))
        finally:
            self._inside -= 1

    async def stream(self, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Give pieces that are read in the threads, one when the one before is sent.

        A store that goes away in the middle ends the stream early: whoever reads it knows how long the file is, and
        asks for the rest later.
        """
        loop = asyncio.get_running_loop()
        with suppress(RetryLater, FileNotFoundError):
            while piece := await loop.run_in_executor(self._threads, next, pieces, b""):
                yield piece
