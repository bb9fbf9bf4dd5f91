"""The wire of the fake server: its answers as HTTP, so that the real engine talks to it without a socket."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import zstandard

from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.credentials.tokens import RefreshTokens
from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.sync.blob_transfer import BlobTransfer
from cmms_desktop.sync.engine import Engine
from cmms_desktop.sync.session_keeper import SessionKeeper, prover
from cmms_desktop.sync.transport import Transport
from sync_server.contract.codec import unpack_digests
from sync_server.contract.fields import Row
from sync_server.contract.messages import PushRequest, SessionAnswer, SyncRequest
from sync_server.contract.version import MUTATION
from tests.support.replicas import DEVICE, KEY, ORGANIZATION, TECHNICIAN, Field

URL = "http://127.0.0.1:1"
STARTED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PIECE_BYTES = 1 << 16
Answer = Callable[[Any], httpx.Response]


def problem(code: str, status: int, **more: object) -> httpx.Response:
    """A problem as the server words it."""
    content = json.dumps({"title": code, "status": status, "code": code, **more}).encode()
    return httpx.Response(status, headers={"Content-Type": "application/problem+json"}, content=content)


def ndjson(lines: list[list[Any]]) -> httpx.Response:
    """Lines of a pull as they travel."""
    packed = zstandard.compress(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "zstd"}
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(packed))


def lines_of(response: httpx.Response) -> list[list[Any]]:
    """What `ndjson` packed."""
    packed = b"".join(response.stream)  # type: ignore[arg-type]
    return [json.loads(line) for line in zstandard.decompress(packed).splitlines()]


@dataclass
class Pieces(httpx.SyncByteStream):
    """Bytes as a network hands them over."""

    content: bytes

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self.content), PIECE_BYTES):
            yield self.content[at : at + PIECE_BYTES]


@dataclass
class Wire:
    """One device, one fake server, and the requests between them."""

    folder: Path
    now: datetime = STARTED_AT
    asked: list[str] = field(default_factory=list)
    """Paths in the order in which they were asked."""
    instead: dict[str, list[Answer]] = field(default_factory=dict)
    """Path → answers given in place of the server's, one after another."""
    uploads: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """Digest → bytes that the server has of others."""
    knows_both: bool = True
    """Whether the server takes push and pull in one request."""
    takes: int = MUTATION
    """Newest version of a mutation that the server takes."""
    gives_parts: bool = True
    """Whether the server answers `Range`."""
    seconds: float = 0.0
    """Of the clock by which photos that did not come are asked for again."""
    valid: set[str] = field(default_factory=lambda: {"access-0"})
    """Access tokens that count."""
    refreshed: int = 0

    def __post_init__(self) -> None:
        """Sign the technician in."""
        self.field = Field(self.folder)
        self.server = self.field.server
        self.signer = DeviceSigner.generate(DEVICE)
        client = httpx.Client(base_url=URL, transport=httpx.MockTransport(self._answer))
        self.transport = Transport(URL, prove=prover(self.signer), client=client)
        self.tokens = RefreshTokens(MemoryStore(), organization_slug="org", person_id=TECHNICIAN, device_id=DEVICE)
        self.session = SessionKeeper(self.transport, self.tokens)
        self.session.take(self._session_answer())
        self.blobs = BlobFolder(self.folder / "blobs", KEY)
        self.transfer = BlobTransfer(
            self.field.replica, self.blobs, self.transport, self.session, seconds=lambda: self.seconds
        )
        self.engine = Engine(
            self.field.replica,
            self.transport,
            self.session,
            signer=self.signer,
            clock=lambda: self.now,
            app_version="1.2.3",
            blobs=self.transfer,
        )

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def once(self, path: str, *answers: Answer) -> None:
        """Give these answers to the next requests for a path."""
        self.instead.setdefault(path, []).extend(answers)

    def new_asked(self) -> list[str]:
        """Paths asked since the last time."""
        asked, self.asked = self.asked, []
        return asked

    def close(self) -> None:
        self.transport.close()
        self.field.replica.close()

    def _session_answer(self) -> SessionAnswer:
        return SessionAnswer(
            organization_id=ORGANIZATION,
            person_id=TECHNICIAN,
            role="technician",
            device_id=DEVICE,
            access_token=f"access-{self.refreshed}",
            access_expires_at="2026-03-02T09:10:00.000000Z",
            refresh_token=f"refresh-{self.refreshed}",
            server_time="2026-03-02T09:00:00.000000Z",
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1/").partition("/")[0]
        self.asked.append(path)
        if self.instead.get(path):
            return self.instead[path].pop(0)(request)
        if path != "refresh" and request.headers["authorization"].removeprefix("Bearer ") not in self.valid:
            return problem("session_expired", 401)
        answer: Answer = getattr(self, f"_{path}")
        return answer(request)

    def _verify(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        return ndjson(self.server.verify(asked["scope"], unpack_digests(asked["aggregates"])))

    def _refresh(self, request: httpx.Request) -> httpx.Response:
        self.refreshed += 1
        self.valid = {f"access-{self.refreshed}"}
        return httpx.Response(
            200, headers={"Content-Type": "application/json"}, content=msgspec.json.encode(self._session_answer())
        )

    def _hello(self, request: httpx.Request) -> httpx.Response:
        said = {
            "protocol": 1,
            "rows": 1,
            "minimum_protocol": 1,
            "mutations": self.takes,
            "server_time": "2026-03-02T09:00:05.000000Z",
            "epoch": self.server.epoch,
            "lease_nonce": "nonce",
            "scopes": self.server.allowed,
        }
        return httpx.Response(200, json=said)

    def _sync(self, request: httpx.Request) -> httpx.Response:
        if not self.knows_both:
            return problem("not_found", 404)
        asked = msgspec.json.decode(request.content, type=SyncRequest)
        assert asked.push is not None
        return ndjson([["pushed", self._pushed(asked.push)], *self.server.pull(asked.pull.cursor)])

    def _push(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=self._pushed(msgspec.json.decode(request.content, type=PushRequest)))

    def _pushed(self, pushed: PushRequest) -> dict[str, Any]:
        verdicts = self.server.push(bytes(each) for each in pushed.mutations)
        return {
            "verdicts": [msgspec.to_builtins(each) for each in verdicts],
            "chain_seq": pushed.seal.to_seq,
            "server_time": "2026-03-02T09:00:05.000000Z",
        }

    def _pull(self, request: httpx.Request) -> httpx.Response:
        return ndjson(self.server.pull(json.loads(request.content)["cursor"]))

    def _bootstrap(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        return ndjson(self.server.bootstrap(said["scope"], said.get("token"), said.get("cursor")))

    def _blobs(self, request: httpx.Request) -> httpx.Response:
        sha256 = request.url.path.rpartition("/")[2]
        if request.method == "GET":
            return self._file(sha256, request.headers.get("range", ""))
        here = self.uploads.setdefault(sha256, b"")
        if request.method == "PATCH":
            if int(request.headers["upload-offset"]) != len(here):
                return problem("bad_request", 400)
            self.uploads[sha256] = here = here + request.content
        return httpx.Response(200, headers={"Upload-Offset": str(len(here))})

    def _file(self, sha256: str, asked: str) -> httpx.Response:
        content = self.files.get(sha256)
        if content is None:
            return problem("not_found", 404)
        headers = {"Content-Type": "application/octet-stream"}
        if not asked or not self.gives_parts:
            return httpx.Response(200, headers=headers, stream=Pieces(content))
        at = int(asked.removeprefix("bytes=").removesuffix("-"))
        headers["Content-Range"] = f"bytes {at}-{len(content) - 1}/{len(content)}"
        return httpx.Response(206, headers=headers, stream=Pieces(content[at:]))


def edit(wire: Wire, order_id: str, **values: str) -> None:
    """Edit an order on the device."""
    with wire.field.replica.write() as write:
        write.set("work_order", order_id, **values)


def order(wire: Wire, order_id: str) -> Row:
    """The order as the device shows it."""
    row = wire.field.replica.get("work_order", order_id)
    assert row is not None
    return row


def saying(wire: Wire, request: httpx.Request, status: str, **more: object) -> httpx.Response:
    """An answer to a push, or to both, that says the same of every mutation and has stored none."""
    asked = json.loads(request.content)
    mutations = asked["push"]["mutations"] if "push" in asked else asked["mutations"]
    verdicts = [{"mutation_id": each["mutation_id"], "status": status} for each in mutations]
    said = {"verdicts": verdicts, "chain_seq": 0, "server_time": "", **more}
    if "push" not in asked:
        return httpx.Response(200, json=said)
    return ndjson([["pushed", said], *wire.server.pull(asked["pull"]["cursor"])])


def missing(wire: Wire, request: httpx.Request, device_seq: int) -> httpx.Response:
    """The answer of a server that misses what comes from a place of the chain on."""
    return saying(wire, request, "retry", resend_from=device_seq)
