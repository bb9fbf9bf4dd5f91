"""A device that listens for pokes, with its own connection: what a test reads from it is what came over the wire."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, Queue

import httpx

from tests.support.device_side import Client

PATIENCE_S = 60.0


@dataclass
class EventStream:
    """An open stream. `lines` gets every line, then None when the server ends it."""

    response: httpx.Response
    lines: "Queue[str | None]" = field(default_factory=Queue)
    seqs: list[int] = field(default_factory=list)
    """Commits of the pokes read so far."""

    def read(self) -> None:
        """Read to the end, in a thread of its own."""
        try:
            for line in self.response.iter_lines():
                self.lines.put(line)
        except (httpx.HTTPError, httpx.StreamError):
            pass
        self.lines.put(None)

    def next_line(self) -> str | None:
        return self.lines.get(timeout=PATIENCE_S)

    def wait_for_poke(self) -> int:
        """Wait for the next poke; give its commit."""
        while (line := self.next_line()) is not None:
            if line.startswith("id: "):
                self.seqs.append(int(line.removeprefix("id: ")))
                return self.seqs[-1]
        raise AssertionError("the stream ended")

    def wait_until(self, seq: int) -> None:
        """Read until a poke says at least this commit."""
        while self.wait_for_poke() < seq:
            pass

    def wait_for_end(self) -> None:
        while self.next_line() is not None:
            pass

    def is_silent(self, for_s: float) -> bool:
        """Whether no poke comes for so long."""
        try:
            while (line := self.lines.get(timeout=for_s)) is not None:
                if line.startswith("id: "):
                    return False
        except Empty:
            return True
        return False


@contextmanager
def an_event_stream(client: Client, *, known: int | None = None) -> Iterator[EventStream]:
    """Listen as a device until the block ends; the answer has begun when this gives it."""
    headers = client.credentials() | ({"Last-Event-ID": str(known)} if known is not None else {})
    with (
        httpx.Client(timeout=httpx.Timeout(PATIENCE_S)) as http,
        http.stream("GET", f"{client.url}/v1/events", headers=headers) as response,
    ):
        stream = EventStream(response)
        reader = threading.Thread(target=stream.read, daemon=True)
        reader.start()
        yield stream
        response.close()
