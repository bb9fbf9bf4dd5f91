"""What the office's own programs read beside orders: numbers of its sites, what is expected, companies."""

from dataclasses import dataclass

from litestar import get
from litestar.params import FromQuery

from sync_server.application import contractors, office_metrics, office_predictions
from sync_server.application.contractors import Contractor
from sync_server.application.office_metrics import SiteMetrics
from sync_server.application.office_predictions import AssetPrediction
from sync_server.http.described import PROVEN, Shaped, refusals
from sync_server.http.services import CallerHere, ServicesHere


@dataclass
class MetricList(Shaped):
    """Gives the numbers of sites."""

    gives = list[SiteMetrics]


@dataclass
class PredictionList(Shaped):
    """Gives what is expected of assets."""

    gives = list[AssetPrediction]


@dataclass
class ContractorList(Shaped):
    """Gives companies."""

    gives = list[Contractor]


@get("/v1/office/metrics", sync_to_thread=True, operation_class=MetricList, responses=refusals(), security=PROVEN)
def list_metrics(caller: CallerHere, services: ServicesHere) -> list[SiteMetrics]:
    """Give the numbers of the caller's sites as they were counted last, with their age."""
    return office_metrics.metrics(services.database, caller)


@get(
    "/v1/office/predictions",
    sync_to_thread=True,
    operation_class=PredictionList,
    responses=refusals(),
    security=PROVEN,
)
def list_predictions(
    caller: CallerHere, services: ServicesHere, asset_id: FromQuery[str | None] = None, limit: FromQuery[int] = 50
) -> list[AssetPrediction]:
    """Give what models expect of assets of the caller's sites, the likeliest first, or all that they said of one."""
    return office_predictions.predictions(services.database, caller, asset_id=asset_id, limit=limit)


@get(
    "/v1/office/contractors",
    sync_to_thread=True,
    operation_class=ContractorList,
    responses=refusals(),
    security=PROVEN,
)
def list_contractors(caller: CallerHere, services: ServicesHere) -> list[Contractor]:
    """Give companies whose people work on orders, with what they have open at the caller's sites."""
    return contractors.contractors(services.database, caller)
