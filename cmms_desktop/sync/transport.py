"""The only door to the network. Turns requests into answers and every failure into one of our own errors.

A page that is not our server's (a captive portal, a proxy) is *offline*, not an error. Redirects are not followed.
"""

import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256 as sha256_of
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakSet

import httpcore  # noqa: F401  # httpx loads it with the first connection, for which somebody waits to be signed in
import httpx
import msgspec

from cmms_desktop.errors import (
    CmmsError,
    ContractMismatch,
    Refused,
    ServerBusy,
    ServerUnreachable,
    SessionExpired,
)
from cmms_desktop.sync.line_stream import DAMAGED, cut_lines, decoded
from cmms_desktop.sync.server_trust import distrust, trust
from sync_server.contract import messages
from sync_server.contract.messages import ProblemDetails
from sync_server.contract.rules.profile import Profile
from sync_server.contract.rules.profile_reading import bytes_of
from sync_server.contract.standing import SealedAnswer, SealedPart, StandingAnswer, StandingRequest, WipeReport

Answer = TypeVar("Answer")
Proof = Callable[[str], str]
"""Signs a token with the device's key: gives the Device-Proof."""

Network = Callable[[], httpx.Client]
"""Makes a connection; tests give one that loses things."""

PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"
JSON = "application/json"
BYTES = "application/octet-stream"
EVENTS = "text/event-stream"
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
EVENT_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
"""A server that listens says something every 25 s."""
MAX_EVENT_BYTES = 4096
MAX_ANSWER_BYTES = 16 << 20
"""Bound of an answer that is read whole."""
READ_BYTES = 1 << 18
BUSY_S = 5.0
"""Wait when a busy server names no time."""
BUSY_STATUS = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})
NEW_STREAM = ("connect_tcp.complete", "start_tls.complete")
"""Ends of the names of httpcore's trace events that hand over a new stream."""
FOREIGN = "The network answers, but not with our server. Perhaps it asks you to sign in."


class Transport:
    """Kept-alive connections to one server, for one device: one, and a second while two batches are under way."""

    def __init__(
        self, server_url: str, *, prove: Proof, client: httpx.Client | None = None, profile: Profile | None = None
    ) -> None:
        """Take the address and the device's way to prove itself; `client` replaces the network in tests.

        Raises:
            ServerNotTrusted: the certificate that the profile trusts is none.
        """
        self._http = client or httpx.Client(
            base_url=server_url, timeout=TIMEOUT, follow_redirects=False, verify=_trusted(profile)
        )
        self._prove = prove
        self._streams: WeakSet[Any] = WeakSet()
        self._streams_change = Lock()
        self._is_over = False
        self.access_token: str | None = None
        """Kept in memory only."""

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def hang_up(self) -> None:
        """End what is under way in other threads, for ever: whoever waits for an answer gets ServerUnreachable at once.

        The sockets are shut down and not closed: their numbers must not be given away while somebody waits on them.
        Somebody who is still connecting is told when that ends.
        """
        with self._streams_change:
            self._is_over = True
            streams = tuple(self._streams)
        for stream in streams:
            _shut_down(stream)

    def _watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Know every stream while it lives; httpcore tells by its trace extension."""
        if event.endswith(NEW_STREAM):
            stream = info["return_value"]
            with self._streams_change:
                self._streams.add(stream)
            if self._is_over:
                _shut_down(stream)

    def sign_in(self, request: messages.SignInRequest) -> messages.SessionAnswer:
        """Start a session."""
        return self._ask("sign-in", request, messages.SessionAnswer)

    def refresh(self, refresh_token: str) -> messages.SessionAnswer:
        """Change a refresh token for the next one."""
        headers = {"Device-Proof": self._prove(refresh_token)}
        request = messages.RefreshRequest(refresh_token=refresh_token)
        return self._ask("refresh", request, messages.SessionAnswer, headers=headers)

    def hello(self, request: messages.HelloRequest) -> messages.HelloAnswer:
        """Compare where both sides stand."""
        return self._ask("hello", request, messages.HelloAnswer, headers=self._headers())

    def standing(self, request: StandingRequest) -> StandingAnswer:
        """Ask how this device stands; needs no session."""
        return self._ask("standing", request, StandingAnswer)

    def sealed(self, part: SealedPart) -> SealedAnswer:
        """Hand in a part of a sealed outbox; needs no session."""
        return self._ask("sealed", part, SealedAnswer)

    def wiped(self, report: WipeReport) -> None:
        """Say that this device was wiped; needs no session."""
        headers = {"Content-Type": JSON}
        self._whole("POST", "wiped", content=msgspec.json.encode(report), headers=headers)

    def push(self, request: messages.PushRequest) -> messages.PushAnswer:
        """Send sealed mutations."""
        return self._ask("push", request, messages.PushAnswer, headers=self._headers())

    def pull(self, request: messages.PullRequest) -> Iterator[list[object]]:
        """Give the lines of a pull as they arrive."""
        return self._lines("pull", request)

    def sync(self, request: messages.SyncRequest) -> Iterator[list[object]]:
        """Send sealed mutations and pull in one round trip; give the lines as they arrive, the push answer first."""
        return self._lines("sync", request)

    def bootstrap(self, request: messages.BootstrapRequest) -> Iterator[bytes]:
        """Give the lines of a slice as they arrive, for `line_stream.decoded`: the thread that uses them decodes them.

        Decoding is as much work as all the rest of receiving, and the next slice can be asked for before it.
        """
        return self._cut_lines("bootstrap", request)

    def fill(self, request: messages.FillRequest) -> Iterator[list[object]]:
        """Give the lines of columns as they arrive."""
        return self._lines("fill", request)

    def verify(self, request: messages.VerifyRequest) -> Iterator[list[object]]:
        """Give the lines of what differs as they arrive."""
        return self._lines("verify", request)

    def events(self, *, after: int) -> Generator[int | None]:
        """Listen for pokes; give the commit that each one names, and None for every other sign of life.

        Ends when the server ends the stream in good order. Silence of 60 s is a lost network.

        Args:
            after: The commit up to which everything was pulled.
        """
        headers = {**self._headers(), "Accept": EVENTS, "Last-Event-ID": str(after)}
        with self._stream("GET", "events", content=None, headers=headers, timeout=EVENT_TIMEOUT) as response:
            _check(response, b"" if response.is_success else _read(response), EVENTS)
            yield from event_seqs(response.iter_raw())

    def blob_offset(self, sha256: str) -> int:
        """Ask how many bytes of an upload have arrived."""
        response, _ = self._whole("HEAD", f"blobs/{sha256}", headers=self._headers())
        return _upload_offset(response)

    def send_chunk(self, sha256: str, *, at: int, size: int, chunk: bytes) -> int:
        """Send bytes of a blob; give how many have arrived now."""
        headers = {**self._headers(), "Upload-Offset": str(at), "Upload-Length": str(size)}
        headers["Content-Type"] = "application/offset+octet-stream"
        headers["Upload-Checksum"] = f"sha256 {b64encode(sha256_of(chunk).digest()).decode()}"
        response, _ = self._whole("PATCH", f"blobs/{sha256}", content=chunk, headers=headers)
        return _upload_offset(response)

    def fetch_blob(self, sha256: str, *, at: int = 0) -> Generator[tuple[int, bytes]]:
        """Give the bytes of a blob from `at` on as they arrive, each piece with its place in the file.

        A server that gives no parts begins again at 0. Nothing is checked here: not the length, not the digest.
        """
        headers = {**self._headers(), "Accept-Encoding": "identity", **({"Range": f"bytes={at}-"} if at else {})}
        with self._stream("GET", f"blobs/{sha256}", content=None, headers=headers) as response:
            _check(response, b"" if response.is_success else _read(response), BYTES)
            place = _place(response, at)
            for piece in response.iter_raw():
                yield place, piece
                place += len(piece)

    def _headers(self) -> dict[str, str]:
        if self.access_token is None:
            raise SessionExpired
        return {"Authorization": f"Bearer {self.access_token}", "Device-Proof": self._prove(self.access_token)}

    def _ask(
        self, path: str, request: object, answer: type[Answer], *, headers: dict[str, str] | None = None
    ) -> Answer:
        content = msgspec.json.encode(request)
        headers = {"Content-Type": JSON, **(headers or {})}
        _, body = self._whole("POST", path, content=content, headers=headers, media_type=JSON)
        try:
            return msgspec.json.decode(body, type=answer)
        except msgspec.DecodeError as error:
            raise ServerUnreachable from error

    def _whole(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        content: bytes | None = None,
        media_type: str | None = None,
    ) -> tuple[httpx.Response, bytes]:
        """Make a request and read its answer whole. Raises what a bad answer means, also for one that is too large."""
        with self._stream(method, path, content=content, headers=headers) as response:
            body = _read(response)
        _check(response, body, media_type)
        return response, body

    def _lines(self, path: str, request: object) -> Iterator[list[object]]:
        return decoded(self._cut_lines(path, request))

    def _cut_lines(self, path: str, request: object) -> Iterator[bytes]:
        content = msgspec.json.encode(request)
        headers = {"Content-Type": JSON, "Accept-Encoding": "zstd", **self._headers()}
        with self._stream("POST", path, content=content, headers=headers) as response:
            _check(response, b"" if response.is_success else _read(response), NDJSON)
            yield from cut_lines(response.iter_raw(READ_BYTES))

    @contextmanager
    def _stream(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None,
        headers: dict[str, str],
        timeout: httpx.Timeout | None = None,
    ) -> Iterator[httpx.Response]:
        """Send a request; failures of the network inside the block become ours. No timeout: the connection's own."""
        if self._is_over:
            raise ServerUnreachable
        more = {"trace": self._watch, **({} if timeout is None else {"timeout": timeout.as_dict()})}
        with (
            _translated(),
            self._http.stream(method, f"/v1/{path}", content=content, headers=headers, extensions=more) as response,
        ):
            yield response


def _trusted(profile: Profile | None) -> ssl.SSLContext:
    """Give what checks the server's certificate: that of the device, as a profile narrows it."""
    if profile is None:
        return trust()
    return trust(bytes_of(profile.certificate_authority), frozenset(profile.certificate_pins))


def _shut_down(stream: Any) -> None:
    """Wake whoever reads from a stream or writes to it."""
    with suppress(OSError):  # it has ended already
        stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes(READ_BYTES):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise ServerUnreachable(FOREIGN)
    return bytes(body)


def _check(response: httpx.Response, body: bytes, media_type: str | None) -> None:
    """Raise what a bad answer means."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind == PROBLEM:
        raise _error_of(response, body)
    wait_s = _number(response, "Retry-After")
    if response.status_code in BUSY_STATUS and wait_s is not None:
        raise ServerBusy(wait_s)
    if not response.is_success or (media_type is not None and kind != media_type):
        raise ServerUnreachable(FOREIGN)


def _upload_offset(response: httpx.Response) -> int:
    """Read how far an upload has come; a page that does not say it is not our server's."""
    offset = _number(response, "Upload-Offset")
    if offset is None:
        raise ServerUnreachable(FOREIGN)
    return offset


def _place(response: httpx.Response, at: int) -> int:
    """Read where the bytes of an answer belong; one that says nothing sound about it is not our server's."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    if not response.headers.get("Content-Range", "").startswith(f"bytes {at}-"):
        raise ServerUnreachable(DAMAGED)
    return at


def event_seqs(chunks: Iterator[bytes]) -> Generator[int | None]:
    """Read server-sent events: the id of each one that has one, None for everything else that is complete."""
    rest, seq = b"", None
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_EVENT_BYTES:
            raise ServerUnreachable(FOREIGN)
        for line in map(bytes.strip, lines):
            name, _, value = line.partition(b":")
            if name == b"id" and value.strip().isdigit():
                seq = int(value)
            elif not line:
                yield seq
                seq = None


def _number(response: httpx.Response, name: str) -> int | None:
    """Read a header that is a whole number; None: it is missing or something else, such as a date."""
    text = response.headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else None


def _error_of(response: httpx.Response, body: bytes) -> CmmsError:
    try:
        problem = msgspec.json.decode(body, type=ProblemDetails)
    except msgspec.DecodeError:  # a HEAD has no body; its status still says what it is
        return _error_without_body(response)
    sentence = problem.detail or problem.title
    if problem.code in {"busy", "internal"}:
        return ServerBusy(problem.retry_after_s or _number(response, "Retry-After") or BUSY_S)
    if problem.code == "session_expired":
        return SessionExpired()
    if problem.code == "chunk_damaged":
        return ServerUnreachable(DAMAGED)
    if problem.code == "contract_mismatch":
        return ContractMismatch(sentence)
    return Refused(problem.code, sentence)


def _error_without_body(response: httpx.Response) -> CmmsError:
    wait_s = _number(response, "Retry-After")
    if response.status_code in BUSY_STATUS and wait_s is not None:
        return ServerBusy(wait_s)
    return SessionExpired() if response.status_code == httpx.codes.UNAUTHORIZED else ServerUnreachable()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (httpx.RequestError, httpx.StreamError, httpx.InvalidURL) as error:
        distrusted = distrust(error)
        if distrusted is not None:
            trust.cache_clear()  # an authority that is put on the device now counts at the next sign-in
        raise distrusted or ServerUnreachable() from error
