"""How a device lets itself be reached, and that it wants that no more."""

from litestar import delete, put
from litestar.params import JSONBody

from sync_server.application import reaching
from sync_server.application.reaching import Subscription
from sync_server.http.described import PROVEN, refusals
from sync_server.http.services import CallerHere, ServicesHere


@put(
    "/v1/push-subscription",
    status_code=204,
    sync_to_thread=True,
    responses=refusals("invalid_value"),
    security=PROVEN,
)
def subscribe(data: JSONBody[Subscription], caller: CallerHere, services: ServicesHere) -> None:
    """Take where and with which keys the device is reached, in place of what it told before."""
    reaching.subscribe(services.database, caller, data)


@delete("/v1/push-subscription", status_code=204, sync_to_thread=True, responses=refusals(), security=PROVEN)
def unsubscribe(caller: CallerHere, services: ServicesHere) -> None:
    """Forget how the device is reached."""
    reaching.unsubscribe(services.database, caller)
