"""A bad network: what a client sends is lost, doubled, held back, cut, mixed up or answered by somebody else.

`Weather` says what happens to the next requests; it outlives the client, as a network does. Every fault is one request
long, taken from a script, so that a history can be repeated fault by fault.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import httpx

FAULTS: Final = (
    "drop_request",
    "drop_answer",
    "duplicate",
    "hold",
    "truncate",
    "cut",
    "swap",
    "portal",
    "busy",
    "gateway",
    "kill_before",
    "kill_after",
)
EVENTS: Final = "/v1/events"
PORTAL: Final = b"<!doctype html><title>Welcome</title><p>Please sign in to use this network."
BUSY: Final = json.dumps({"title": "Busy", "status": 503, "code": "busy", "retry_after_s": 3}).encode()
HOP_BY_HOP: Final = frozenset({b"content-length", b"transfer-encoding", b"connection"})


class ClientKilled(BaseException):
    """The client's process ends here, as by SIGKILL: nothing of ours may catch it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request. `amount` says how much of it: where to cut, how long to hold, which to mix up."""

    kind: str
    amount: int = 0

    def __post_init__(self) -> None:
        assert self.kind in FAULTS or self.kind == "none", f"there is no fault called {self.kind}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came over the wire, still compressed."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def response(self) -> httpx.Response:
        return httpx.Response(self.status, headers=list(self.headers), stream=httpx.ByteStream(self.body))


@dataclass
class Weather:
    """The state of one device's network."""

    script: deque[Fault] = field(default_factory=deque)
    """Faults of the next requests, one each; afterwards the network works."""
    is_offline: bool = False
    requests: int = 0
    """Requests so far, lost ones too."""
    duplicates: int = 0
    """Requests that the network delivered once more, or late, after their sender had given them up."""
    log: list[str] = field(default_factory=list)
    """What was done to which request."""
    held: list[tuple[int, httpx.Request]] = field(default_factory=list)
    """(number of the request after which it is delivered, request)."""
    strays: list[Answer] = field(default_factory=list)
    """Answers that their askers never saw."""
    watch: Callable[[str], None] = lambda path: None
    """Told the path of each request before it is sent."""

    def expect(self, faults: Iterable[Fault]) -> None:
        """Let these faults happen to the next requests, and none after them."""
        self.script = deque(faults)


class FaultTransport(httpx.BaseTransport):
    """Stands between a client and the network."""

    def __init__(self, weather: Weather, inner: httpx.BaseTransport | None = None) -> None:
        """Use a real network unless another is given."""
        self._weather = weather
        self._inner = inner or httpx.HTTPTransport(verify=False)  # no TLS here; reading all roots would cost 20 ms

    def close(self) -> None:
        self._inner.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        weather = self._weather
        if request.url.path == EVENTS:
            return self._listen(request)
        request.read()
        if weather.is_offline:
            raise httpx.ConnectError("there is no network", request=request)
        weather.requests += 1
        weather.watch(request.url.path)
        fault = weather.script.popleft() if weather.script else Fault("none")
        if fault.kind != "none":
            weather.log.append(f"{fault.kind} {request.url.path}")
        try:
            return self._meet(fault, request)
        finally:
            self.deliver_held(weather.requests)

    def _listen(self, request: httpx.Request) -> httpx.Response:
        """A stream that lasts: faults are of requests, but without a network it is cut, too."""
        if self._weather.is_offline:
            raise httpx.ConnectError("there is no network", request=request)
        response = self._inner.handle_request(request)
        return httpx.Response(
            response.status_code, headers=response.headers.raw, stream=_WhileOnline(response, self._weather)
        )

    def deliver_held(self, until: int | None = None) -> None:
        """Let requests that were held back arrive now, those due by a number or all; nobody waits for the answers."""
        weather = self._weather
        due = [each for each in weather.held if until is None or each[0] <= until]
        weather.held = [each for each in weather.held if each not in due]
        for _, request in due:
            with suppress(httpx.TransportError):  # the server may be gone by now
                weather.strays.append(self._send(request))
                weather.duplicates += 1

    def _send(self, request: httpx.Request) -> Answer:
        response = self._inner.handle_request(request)
        try:
            body = b"".join(_chunks(response))
        finally:
            response.close()
        headers = tuple((name, value) for name, value in response.headers.raw if name.lower() not in HOP_BY_HOP)
        return Answer(response.status_code, headers, body)

    def _meet(self, fault: Fault, request: httpx.Request) -> httpx.Response:
        if fault.kind in {"drop_request", "kill_before", "hold"}:
            return self._lose(fault, request)
        if fault.kind in {"portal", "busy", "gateway"}:
            return _foreign(fault.kind)
        answer = self._send(request)
        if fault.kind in {"drop_answer", "kill_after"}:
            self._weather.strays.append(answer)
            raise ClientKilled if fault.kind == "kill_after" else httpx.ReadError("the answer was lost")
        if fault.kind == "duplicate":
            return self._twice(fault, request, answer)
        if fault.kind == "swap":
            return self._swapped(fault, answer)
        if fault.kind in {"truncate", "cut"}:
            return _cut(answer, fault)
        return answer.response()

    def _lose(self, fault: Fault, request: httpx.Request) -> httpx.Response:
        if fault.kind == "hold":
            self._weather.held.append((self._weather.requests + 1 + fault.amount % 4, request))
            raise httpx.ReadTimeout("nothing came back", request=request)
        raise ClientKilled if fault.kind == "kill_before" else httpx.ConnectError("the request was lost")

    def _twice(self, fault: Fault, request: httpx.Request, first: Answer) -> httpx.Response:
        second = self._send(request)
        self._weather.duplicates += 1
        return (first if fault.amount % 2 else second).response()

    def _swapped(self, fault: Fault, answer: Answer) -> httpx.Response:
        """Give the answer to another request, if there is one that nobody has seen."""
        strays = self._weather.strays
        if not strays:
            strays.append(answer)
            raise httpx.ReadError("the answer went to somebody else")
        given = strays.pop(fault.amount % len(strays))
        strays.append(answer)
        return given.response()


class _WhileOnline(httpx.SyncByteStream):
    """The bytes of an answer as they come, while there is a network."""

    def __init__(self, response: httpx.Response, weather: Weather) -> None:
        self._response, self._weather = response, weather

    def __iter__(self) -> Iterator[bytes]:
        for chunk in _chunks(self._response):
            if self._weather.is_offline:
                raise httpx.ReadError("the network went away")
            yield chunk

    def close(self) -> None:
        self._response.close()


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    assert isinstance(response.stream, httpx.SyncByteStream)
    yield from response.stream


def _foreign(kind: str) -> httpx.Response:
    """An answer that is not our server's, or says that it cannot now."""
    if kind == "portal":
        return httpx.Response(200, headers={"Content-Type": "text/html; charset=utf-8"}, content=PORTAL)
    if kind == "busy":
        headers = {"Content-Type": "application/problem+json", "Retry-After": "3"}
        return httpx.Response(503, headers=headers, content=BUSY)
    return httpx.Response(502, headers={"Content-Type": "text/html", "Retry-After": "7"}, content=b"<h1>Bad gateway")


class _Cut(httpx.SyncByteStream):
    """Bytes, and then the connection is gone."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise httpx.RemoteProtocolError("the connection was closed before the end of the answer")


def _cut(answer: Answer, fault: Fault) -> httpx.Response:
    """An answer that ends too early: silently (a proxy closes it well), or with a broken connection."""
    body = answer.body[: fault.amount % max(1, len(answer.body))]
    stream = _Cut(body) if fault.kind == "cut" else httpx.ByteStream(body)
    return httpx.Response(answer.status, headers=list(answer.headers), stream=stream)
