"""What the office's own programs read beside orders: numbers of its sites, readings, what is expected, contractors."""

from dataclasses import dataclass

from litestar import get
from litestar.params import FromPath, FromQuery

from sync_server.application import contractors, office_metrics, office_predictions, office_readings
from sync_server.application.contractors import Contractor
from sync_server.application.office_metrics import SiteMetrics
from sync_server.application.office_predictions import AssetPrediction
from sync_server.application.office_readings import Reading
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
class ReadingList(Shaped):
    """Gives what meters have shown."""

    gives = list[Reading]


@dataclass
class ContractorList(Shaped):
    """Gives contractors."""

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
    """Give contractors, whose people work on orders, with what they have open at the caller's sites."""
    return contractors.contractors(services.database, caller)


@get(
    "/v1/office/assets/{asset_id:str}/readings",
    sync_to_thread=True,
    operation_class=ReadingList,
    responses=refusals("not_found"),
    security=PROVEN,
)
def list_readings(
    asset_id: FromPath[str],
    caller: CallerHere,
    services: ServicesHere,
    meter_id: FromQuery[str | None] = None,
    limit: FromQuery[int] = 100,
    skip: FromQuery[int] = 0,
) -> list[Reading]:
    """Give what the meters of an asset have shown, or one of them, what came last first."""
    return office_readings.readings(services.database, caller, asset_id, meter_id=meter_id, limit=limit, skip=skip)
