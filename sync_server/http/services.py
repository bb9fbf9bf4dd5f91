"""What the routes call, put together once in app.py."""

from dataclasses import dataclass

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency

from sync_server.application.history_watch import HistoryWatch
from sync_server.application.pokes import Pokes
from sync_server.application.readiness import Readiness
from sync_server.application.sessions import Sessions
from sync_server.authz.claims import Claim, proven
from sync_server.authz.server_key import ServerKey
from sync_server.authz.tokens import AccessTokens
from sync_server.authz.visibility import Caller
from sync_server.errors import SessionExpired
from sync_server.http.side_lane import SideLane
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.devices import find
from sync_server.storage.engine import Database
from sync_server.storage.once_more import once_more
from sync_server.storage.origins import begin_request, note_device

HttpRequest = Request[object, object, State]


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running server."""

    database: Database
    sessions: Sessions
    tokens: AccessTokens
    readiness: Readiness
    history: HistoryWatch
    pokes: Pokes
    cursor_key: bytes
    blobs: BlobStore
    side_lane: SideLane
    server_key: ServerKey


ServicesHere = NamedDependency[Services]
CallerHere = NamedDependency[Caller]
ClaimHere = NamedDependency[Claim]


def services_of(state: State) -> Services:
    """Give the parts of this server."""
    found: Services = state.services
    return found


def token_of(request: HttpRequest) -> str:
    """Give the access token that a request brings. Raises SessionExpired when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SessionExpired("Sign in first.")
    return token


def claim_of(request: HttpRequest, services: ServicesHere) -> Claim:
    """Give who a request says it speaks for: its token is ours. For work that proves the rest where it begins."""
    token = token_of(request)
    claim = Claim.of(services.tokens.read(token), token=token, proof=request.headers.get("device-proof", ""))
    note_device(claim.device_id)
    return claim


async def note_request(request: HttpRequest) -> None:
    """Note where a request comes from, for whatever it does that has to be told later."""
    begin_request(request.client.host if request.client else None)


def caller_of(request: HttpRequest, services: ServicesHere) -> Caller:
    """Prove who calls: a valid access token, the device's own key, and a device that is not revoked."""
    claim = claim_of(request, services)
    return once_more(lambda: _proven(claim, services))


def _proven(claim: Claim, services: Services) -> Caller:
    with services.database.transaction("app_sync", claim.organization_id, read_only=True) as connection:
        return proven(claim, find(connection, claim.organization_id, claim.device_id))
