"""The conversation of a device: hello, push, pull, both at once, bootstrap."""

from typing import Any, TypeVar

import msgspec
from litestar import Response, post
from litestar.params import JSONBody, RawBody
from litestar.response import Stream

from sync_server.application import filling, healing
from sync_server.application import hello as hellos
from sync_server.application import pull as pulls
from sync_server.application import push as pushes
from sync_server.application.round_trip import round_trip
from sync_server.authz.claims import Claim
from sync_server.contract.messages import (
    BootstrapRequest,
    FillRequest,
    HelloAnswer,
    HelloRequest,
    PullRequest,
    PushAnswer,
    PushRequest,
    SyncRequest,
    VerifyRequest,
)
from sync_server.errors import Refused
from sync_server.http.described import LINES, NDJSON, PROVEN, PushBody, SyncBody, refusals
from sync_server.http.services import CallerHere, ClaimHere, Services, ServicesHere
from sync_server.storage.once_more import once_more
from sync_server.storage.spool import CHUNK_BYTES, Spool

OF_PUSH = ("not_allowed", "chain_broken", "signature_invalid")
OF_PULL = ("contract_mismatch", "cursor_invalid", "fork")
OF_SCOPE = {**refusals("not_found", "cursor_invalid", "fork"), **LINES}
Request = TypeVar("Request", PushRequest, SyncRequest)


@post("/v1/hello", status_code=200, sync_to_thread=True, responses=refusals("contract_mismatch"), security=PROVEN)
def hello(data: JSONBody[HelloRequest], caller: CallerHere, services: ServicesHere) -> HelloAnswer:
    """Tell where both sides stand."""
    return once_more(
        lambda: hellos.hello(services.database, caller, data, key=services.cursor_key, server_key=services.server_key)
    )


@post(
    "/v1/push",
    status_code=200,
    sync_to_thread=True,
    operation_class=PushBody,
    responses=refusals(*OF_PUSH),
    security=PROVEN,
)
def push(body: RawBody, claim: ClaimHere, services: ServicesHere) -> PushAnswer:
    """Take a PushRequest, give verdicts."""
    return pushes.push(services.database, claim, _sealed(body, PushRequest, claim, services))


@post(
    "/v1/sync",
    status_code=200,
    sync_to_thread=True,
    operation_class=SyncBody,
    responses={**refusals(*OF_PUSH, *OF_PULL), **LINES},
    security=PROVEN,
)
def sync(body: RawBody, claim: ClaimHere, services: ServicesHere) -> Response[Any]:
    """Take a SyncRequest; give the answer to its push as the first line of a pull."""
    return _stream(
        round_trip(services.database, claim, _sealed(body, SyncRequest, claim, services), key=services.cursor_key)
    )


@post("/v1/pull", status_code=200, sync_to_thread=True, responses={**refusals(*OF_PULL), **LINES}, security=PROVEN)
def pull(data: JSONBody[PullRequest], claim: ClaimHere, services: ServicesHere) -> Response[Any]:
    """Give what changed, as NDJSON compressed with zstd."""
    return _stream(once_more(lambda: pulls.pull(services.database, claim, data, key=services.cursor_key)))


@post("/v1/bootstrap", status_code=200, sync_to_thread=True, responses=OF_SCOPE, security=PROVEN)
def bootstrap(data: JSONBody[BootstrapRequest], caller: CallerHere, services: ServicesHere) -> Response[Any]:
    """Give a slice of a new scope, as NDJSON compressed with zstd."""
    return _stream(once_more(lambda: pulls.bootstrap(services.database, caller, data, key=services.cursor_key)))


@post("/v1/fill", status_code=200, sync_to_thread=True, responses=OF_SCOPE, security=PROVEN)
def fill(data: JSONBody[FillRequest], caller: CallerHere, services: ServicesHere) -> Response[Any]:
    """Give columns that a device has learnt of rows that it holds, as NDJSON compressed with zstd."""
    return _stream(once_more(lambda: filling.fill(services.database, caller, data, key=services.cursor_key)))


def _sealed(body: bytes, kind: type[Request], claim: Claim, services: Services) -> Request:
    """Read a body that carries mutations. Read here, because the exact text of each of them was sealed."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        pushes.require_somebody(services.database, claim)
        raise Refused("bad_request", "The push cannot be read.") from error


@post("/v1/verify", status_code=200, sync_to_thread=True, responses=OF_SCOPE, security=PROVEN)
def verify(data: JSONBody[VerifyRequest], caller: CallerHere, services: ServicesHere) -> Response[Any]:
    """Give what of a scope differs, as NDJSON compressed with zstd."""
    return _stream(once_more(lambda: healing.verify(services.database, caller, data)))


def _stream(spool: Spool) -> Response[Any]:
    """Send what fits one chunk at once: every chunk of a stream asks a thread for it."""
    headers = {"Content-Encoding": "zstd"}
    if spool.end() <= CHUNK_BYTES:
        return Response(b"".join(spool.chunks()), media_type=NDJSON, headers=headers)
    return Stream(spool.chunks(), media_type=NDJSON, headers=headers)
