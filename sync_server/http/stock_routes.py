"""What the office's own programs ask and say about stock: what runs low, and what was bought."""

from dataclasses import dataclass
from datetime import UTC, datetime

from litestar import get, post
from litestar.params import FromQuery, JSONBody

from sync_server.application import office_stock
from sync_server.application.office_stock import LowStock, Purchase
from sync_server.contract.column_types import instant_text
from sync_server.contract.messages import Verdict
from sync_server.http.described import PROVEN, Shaped, refusals
from sync_server.http.office_routes import OF_ACTS
from sync_server.http.services import CallerHere, ServicesHere


@dataclass
class LowList(Shaped):
    """Gives parts that run low."""

    gives = list[LowStock]


@get("/v1/office/stock/low", sync_to_thread=True, operation_class=LowList, responses=refusals(), security=PROVEN)
def list_low(caller: CallerHere, services: ServicesHere, limit: FromQuery[int] = 200) -> list[LowStock]:
    """Give the parts that are to be reordered at the caller's sites, with how much and from whom."""
    return office_stock.low_stock(services.database, caller, limit=limit)


@post(
    "/v1/office/stock/purchases",
    status_code=200,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def buy(data: JSONBody[Purchase], caller: CallerHere, services: ServicesHere) -> list[Verdict]:
    """Post what was bought to where it was put. A place that has no room for it is told of first."""
    return office_stock.buy(services.database, caller, data, at=instant_text(datetime.now(UTC)))
