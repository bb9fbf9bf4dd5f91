"""What the office's own programs call."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from litestar import get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from sync_server.application import office_lists, office_nearest, office_search, planning
from sync_server.application.office_nearest import NearAsset
from sync_server.application.office_search import Found
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Verdict
from sync_server.contract.problems import CODES
from sync_server.http.described import PROVEN, Shaped, refusals
from sync_server.http.services import CallerHere, ServicesHere

OF_DEVICES = {"fork", "cursor_invalid", "chain_broken", "withdrawn", "mutation_reused", "group_refused"}
OF_ACTS = tuple(code for code, status in CODES.items() if status in {403, 404, 409, 422} and code not in OF_DEVICES)
"""An act of the office is refused with whatever a mutation is refused with."""


class OrderEdit(msgspec.Struct, frozen=True):
    """Fields to change, each with the value that the person saw and the one he wants."""

    set: dict[str, tuple[Scalar, Scalar]]


class Assignment(msgspec.Struct, frozen=True):
    """Who gets an order: a person, a team or a company."""

    person_id: str | None = None
    team_id: str | None = None
    contractor_id: str | None = None


class Question(msgspec.Struct, frozen=True):
    """What is searched for, and how many of the best are wanted: at most 100."""

    words: str = ""
    limit: int = 20


class Member(msgspec.Struct, frozen=True):
    """Who joins a team."""

    person_id: str


@dataclass
class OrderList(Shaped):
    """Gives rows."""

    gives = list[Row]


@dataclass
class WholeOrder(Shaped):
    """Gives rows by entity."""

    gives = dict[str, list[Row]]


@dataclass
class FoundList(Shaped):
    """Gives what was found."""

    gives = list[Found]


@dataclass
class NearList(Shaped):
    """Gives assets with their distance."""

    gives = list[NearAsset]


@dataclass
class EditBody(Shaped):
    """Takes an OrderEdit."""

    takes = OrderEdit


def now_text() -> str:
    """Give the present instant in wire form."""
    return instant_text(datetime.now(UTC))


@get("/v1/office/work-orders", sync_to_thread=True, operation_class=OrderList, responses=refusals(), security=PROVEN)
def list_orders(
    caller: CallerHere,
    services: ServicesHere,
    status: FromQuery[str | None] = None,
    limit: FromQuery[int] = 100,
    after: FromQuery[str | None] = None,
) -> list[Row]:
    """List orders of the caller's sites by number; all that bear the last number are there, past the limit too."""
    return office_lists.orders(services.database, caller, status=status, limit=limit, after=after)


@get(
    "/v1/office/work-orders/{order_id:str}",
    operation_class=WholeOrder,
    sync_to_thread=True,
    responses=refusals("not_found"),
    security=PROVEN,
)
def show_order(order_id: FromPath[str], caller: CallerHere, services: ServicesHere) -> dict[str, list[Row]]:
    """Show an order with everything in it, by entity."""
    return office_lists.order(services.database, caller, order_id)


@post(
    "/v1/office/search",
    status_code=200,
    sync_to_thread=True,
    operation_class=FoundList,
    responses=refusals(),
    security=PROVEN,
)
def search(data: JSONBody[Question], caller: CallerHere, services: ServicesHere) -> list[Found]:
    """Find orders, assets, papers and remarks of the caller's sites by words, the best first.

    The words travel in the body: addresses stand in the logs of whatever lies between, and words name people.
    """
    return office_search.search(services.database, caller, data.words, limit=data.limit)


@get(
    "/v1/office/assets/nearest",
    sync_to_thread=True,
    operation_class=NearList,
    responses=refusals("invalid_value"),
    security=PROVEN,
)
def nearest_assets(
    caller: CallerHere,
    services: ServicesHere,
    latitude: FromQuery[float | None] = None,
    longitude: FromQuery[float | None] = None,
    limit: FromQuery[int] = 20,
) -> list[NearAsset]:
    """Give the assets of the caller's sites that are nearest to a position, with their distance in metres."""
    return office_nearest.nearest_assets(services.database, caller, latitude=latitude, longitude=longitude, limit=limit)


@patch(
    "/v1/office/work-orders/{order_id:str}",
    operation_class=EditBody,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def edit_order(
    order_id: FromPath[str], data: JSONBody[OrderEdit], caller: CallerHere, services: ServicesHere
) -> list[Verdict]:
    """Change fields of an order."""
    return planning.edit_order(services.database, caller, order_id, data.set, at=now_text())


@post(
    "/v1/office/work-orders/{order_id:str}/assignment",
    status_code=200,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def assign(
    order_id: FromPath[str], data: JSONBody[Assignment], caller: CallerHere, services: ServicesHere
) -> list[Verdict]:
    """Give an order to somebody, and to nobody else."""
    return planning.assign(services.database, caller, order_id, **msgspec.structs.asdict(data), at=now_text())


@post(
    "/v1/office/teams/{team_id:str}/members",
    status_code=200,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def join_team(
    team_id: FromPath[str], data: JSONBody[Member], caller: CallerHere, services: ServicesHere
) -> list[Verdict]:
    """Put a person into a team."""
    return planning.join_team(services.database, caller, team_id, data.person_id, at=now_text())
