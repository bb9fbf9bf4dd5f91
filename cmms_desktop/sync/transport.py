"""The only door to the network. Turns requests into answers and every failure into one of our own errors.

A page that is not our server's (a captive portal, a proxy) is *offline*, not an error. Redirects are not followed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
import msgspec
import zstandard

from cmms_desktop.errors import (
    CmmsError,
    ContractMismatch,
    Refused,
    ServerBusy,
    ServerUnreachable,
    SessionExpired,
)
from sync_server.contract import messages
from sync_server.contract.messages import ProblemDetails

Answer = TypeVar("Answer")
Proof = Callable[[str], str]
"""Signs a token with the device's key: gives the Device-Proof."""

Network = Callable[[], httpx.Client]
"""Makes a connection; tests give one that loses things."""

PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"
JSON = "application/json"
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
MAX_ANSWER_BYTES = 16 << 20
"""Bound of an answer that is read whole."""
READ_BYTES = 1 << 18
BUSY_S = 5.0
"""Wait when a busy server names no time."""


class Transport:
    """One kept-alive connection to one server, for one device."""

    def __init__(self, server_url: str, *, prove: Proof, client: httpx.Client | None = None) -> None:
        """Take the address and the device's way to prove itself; `client` replaces the network in tests."""
        self._http = client or httpx.Client(base_url=server_url, timeout=TIMEOUT, follow_redirects=False)
        self._prove = prove
        self.access_token: str | None = None
        """Kept in memory only."""

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

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

    def push(self, request: messages.PushRequest) -> messages.PushAnswer:
        """Send sealed mutations."""
        return self._ask("push", request, messages.PushAnswer, headers=self._headers())

    def pull(self, request: messages.PullRequest) -> Iterator[list[object]]:
        """Give the lines of a pull as they arrive."""
        return self._lines("pull", request)

    def bootstrap(self, request: messages.BootstrapRequest) -> Iterator[list[object]]:
        """Give the lines of a slice as they arrive."""
        return self._lines("bootstrap", request)

    def blob_offset(self, sha256: str) -> int:
        """Ask how many bytes of an upload have arrived."""
        with _translated():
            response = self._http.head(f"/v1/blobs/{sha256}", headers=self._headers())
        self._check(response)
        return int(response.headers.get("upload-offset", "0"))

    def send_chunk(self, sha256: str, *, at: int, size: int, chunk: bytes) -> int:
        """Send bytes of a blob; give how many have arrived now."""
        headers = {**self._headers(), "Upload-Offset": str(at), "Upload-Length": str(size)}
        headers["Content-Type"] = "application/offset+octet-stream"
        with _translated():
            response = self._http.patch(f"/v1/blobs/{sha256}", content=chunk, headers=headers)
        self._check(response)
        return int(response.headers.get("upload-offset", "0"))

    def _headers(self) -> dict[str, str]:
        if self.access_token is None:
            raise SessionExpired
        return {"Authorization": f"Bearer {self.access_token}", "Device-Proof": self._prove(self.access_token)}

    def _ask(
        self, path: str, request: object, answer: type[Answer], *, headers: dict[str, str] | None = None
    ) -> Answer:
        content = msgspec.json.encode(request)
        with _translated():
            response = self._http.post(
                f"/v1/{path}", content=content, headers={"Content-Type": JSON, **(headers or {})}
            )
        self._check(response, JSON)
        try:
            return msgspec.json.decode(response.content, type=answer)
        except msgspec.DecodeError as error:
            raise ServerUnreachable from error

    def _lines(self, path: str, request: object) -> Iterator[list[object]]:
        content = msgspec.json.encode(request)
        headers = {"Content-Type": JSON, "Accept-Encoding": "zstd", **self._headers()}
        with (
            _translated(),
            self._http.stream("POST", f"/v1/{path}", content=content, headers=headers) as response,
        ):
            if response.status_code != httpx.codes.OK:
                response.read()
            self._check(response, NDJSON)
            yield from _decoded(response.iter_raw(READ_BYTES))

    @staticmethod
    def _check(response: httpx.Response, media_type: str | None = None) -> None:
        """Raise what a bad answer means."""
        kind = response.headers.get("content-type", "").partition(";")[0]
        if kind == PROBLEM:
            raise _error_of(response)
        if not response.is_success or (media_type is not None and kind != media_type):
            raise ServerUnreachable("The network answers, but not with our server. Perhaps it asks you to sign in.")


def _decoded(chunks: Iterator[bytes]) -> Iterator[list[object]]:
    """Decompress and cut into lines. A cut stream simply ends: whoever applies it misses its `end` line."""
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    decoder = msgspec.json.Decoder(list[object])
    rest = b""
    try:
        for chunk in chunks:
            *whole, rest = (rest + decompressor.decompress(chunk)).split(b"\n")
            yield from map(decoder.decode, whole)
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ServerUnreachable("The answer was damaged on the way. It is asked for again.") from error


def _error_of(response: httpx.Response) -> CmmsError:
    try:
        problem = msgspec.json.decode(response.content, type=ProblemDetails)
    except msgspec.DecodeError:
        return ServerUnreachable()
    sentence = problem.detail or problem.title
    if problem.code in {"busy", "internal"}:
        return ServerBusy(problem.retry_after_s or BUSY_S)
    if problem.code == "session_expired":
        return SessionExpired()
    if problem.code == "contract_mismatch":
        return ContractMismatch(sentence)
    return Refused(problem.code, sentence)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (httpx.TransportError, httpx.StreamError, httpx.InvalidURL) as error:
        raise ServerUnreachable from error
