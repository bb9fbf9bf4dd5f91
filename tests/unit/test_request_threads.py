"""Requests at work: never more than the database lends connections, on a host of any size."""

import asyncio
import os
from threading import Barrier, Lock

import pytest
from litestar.concurrency import sync_to_thread

from sync_server.http.request_threads import bound_request_threads
from sync_server.storage.engine import POOL_SIZE

ROUNDS = 3
PATIENCE_S = 60.0


class Crowd:
    """Counts who is inside at once; each leaves when so many have met."""

    def __init__(self, meeting: int) -> None:
        self._meeting, self._counting = Barrier(meeting), Lock()
        self._inside = self.most = 0

    def visit(self) -> None:
        with self._counting:
            self._inside += 1
            self.most = max(self.most, self._inside)
        self._meeting.wait(PATIENCE_S)
        with self._counting:
            self._inside -= 1


async def most_at_once(meeting: int) -> int:
    """Call as requests are called, many at once; give how many were inside together."""
    await bound_request_threads()
    crowd = Crowd(meeting)
    await asyncio.gather(*(sync_to_thread(crowd.visit) for _ in range(ROUNDS * meeting)))
    return crowd.most


@pytest.mark.parametrize(("cores", "threads"), [(1, 5), (2, 6), (64, POOL_SIZE), (None, 5)])
def test_there_are_as_many_threads_as_connections_at_most(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, threads: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert asyncio.run(most_at_once(threads)) == threads
