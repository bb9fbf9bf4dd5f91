"""What the office's own programs call about service requests."""

from dataclasses import dataclass

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from sync_server.application import service_requests
from sync_server.application.service_requests import Asked
from sync_server.contract.fields import Row
from sync_server.contract.messages import Verdict
from sync_server.http.described import PROVEN, Shaped, refusals
from sync_server.http.office_routes import OF_ACTS, now_text
from sync_server.http.services import CallerHere, ServicesHere
from sync_server.storage.service_requesters import Requester


class Filed(msgspec.Struct, frozen=True):
    """The request that was made."""

    service_request_id: str


class RequestStep(msgspec.Struct, frozen=True):
    """What becomes of a request: accept, decline (with a reason) or withdraw."""

    step: str
    reason: str | None = None


@dataclass
class RequestList(Shaped):
    """Gives rows."""

    gives = list[Row]


@get(
    "/v1/office/service-requests",
    sync_to_thread=True,
    operation_class=RequestList,
    responses=refusals(),
    security=PROVEN,
)
def list_requests(
    caller: CallerHere, services: ServicesHere, status: FromQuery[str | None] = None, limit: FromQuery[int] = 100
) -> list[Row]:
    """List requests of the caller's sites, the newest first."""
    return service_requests.requests(services.database, caller, status=status, limit=limit)


@post(
    "/v1/office/service-requests",
    status_code=200,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def file_request(data: JSONBody[Asked], caller: CallerHere, services: ServicesHere) -> Filed:
    """File a request, also for somebody without an account."""
    request_id, _ = service_requests.file(services.database, caller, data, at=now_text())
    return Filed(request_id)


@get(
    "/v1/office/service-requests/{request_id:str}/requester",
    sync_to_thread=True,
    responses=refusals("not_found"),
    security=PROVEN,
)
def show_requester(request_id: FromPath[str], caller: CallerHere, services: ServicesHere) -> Requester:
    """Say who asked without an account, and how to reach him."""
    return service_requests.requester(services.database, caller, request_id)


@post(
    "/v1/office/service-requests/{request_id:str}/step",
    status_code=200,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def step_request(
    request_id: FromPath[str], data: JSONBody[RequestStep], caller: CallerHere, services: ServicesHere
) -> list[Verdict]:
    """Accept, decline or withdraw a request; an accepted one makes its order at once."""
    return service_requests.take_step(
        services.database, caller, request_id, data.step, reason=data.reason, at=now_text()
    )
