"""What a device without a session may ask: how it stands, to hand in sealed work, to say that it was wiped."""

from litestar import post
from litestar.params import JSONBody

from sync_server.application import sealed as sealings
from sync_server.application import standing as standings
from sync_server.contract.standing import SealedAnswer, SealedPart, StandingAnswer, StandingRequest, WipeReport
from sync_server.http.described import refusals
from sync_server.http.services import ServicesHere


@post("/v1/standing", status_code=200, sync_to_thread=True, responses=refusals("not_allowed", is_open=True))
def standing(data: JSONBody[StandingRequest], services: ServicesHere) -> StandingAnswer:
    """Tell a device how it stands, and what it has to do."""
    return standings.standing(services.database, data, key=services.server_key)


@post("/v1/sealed", status_code=200, sync_to_thread=True, responses=refusals("not_allowed", is_open=True))
def sealed(data: JSONBody[SealedPart], services: ServicesHere) -> SealedAnswer:
    """Take a part of a sealed outbox; the last one brings the receipt."""
    return sealings.take_part(services.database, data, key=services.server_key)


@post(
    "/v1/wiped",
    status_code=204,
    sync_to_thread=True,
    responses=refusals("not_allowed", "not_found", is_open=True),
)
def wiped(data: JSONBody[WipeReport], services: ServicesHere) -> None:
    """Note that a device has destroyed its keys and files."""
    standings.take_report(services.database, data)
