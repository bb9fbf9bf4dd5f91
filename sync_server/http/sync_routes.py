"""The conversation of a device: hello, push, pull, bootstrap."""

import msgspec
from litestar import post
from litestar.params import JSONBody, RawBody
from litestar.response import Stream

from sync_server.application import hello as hellos
from sync_server.application import pull as pulls
from sync_server.application import push as pushes
from sync_server.contract.messages import (
    BootstrapRequest,
    HelloAnswer,
    HelloRequest,
    PullRequest,
    PushAnswer,
    PushRequest,
)
from sync_server.errors import Refused
from sync_server.http.services import CallerHere, ServicesHere
from sync_server.storage.spool import Spool

NDJSON = "application/x-ndjson"


@post("/v1/hello", status_code=200, sync_to_thread=True)
def hello(data: JSONBody[HelloRequest], caller: CallerHere, services: ServicesHere) -> HelloAnswer:
    """Tell where both sides stand."""
    return hellos.hello(services.database, caller, data, key=services.cursor_key)


@post("/v1/push", status_code=200, sync_to_thread=True)
def push(body: RawBody, caller: CallerHere, services: ServicesHere) -> PushAnswer:
    """Take a PushRequest, give verdicts. Read here, because the exact text of each mutation was sealed."""
    try:
        request = msgspec.json.decode(body, type=PushRequest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused("bad_request", "The push cannot be read.") from error
    return pushes.push(services.database, caller, request)


@post("/v1/pull", status_code=200, sync_to_thread=True)
def pull(data: JSONBody[PullRequest], caller: CallerHere, services: ServicesHere) -> Stream:
    """Give what changed, as NDJSON compressed with zstd."""
    return _stream(pulls.pull(services.database, caller, data, key=services.cursor_key))


@post("/v1/bootstrap", status_code=200, sync_to_thread=True)
def bootstrap(data: JSONBody[BootstrapRequest], caller: CallerHere, services: ServicesHere) -> Stream:
    """Give a slice of a new scope, as NDJSON compressed with zstd."""
    return _stream(pulls.bootstrap(services.database, caller, data, key=services.cursor_key))


def _stream(spool: Spool) -> Stream:
    return Stream(spool.chunks(), media_type=NDJSON, headers={"Content-Encoding": "zstd"})
