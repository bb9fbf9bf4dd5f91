"""What is known about the place of an order before somebody arrives, and how a position would be judged there.

The verdict is the contract's; commands/visits judges again when the arrival is recorded. Frozen rows.
"""

import math
from dataclasses import dataclass

from cmms_desktop.application.positions import Position, fence_of_site
from cmms_desktop.application.queries.lookups import asset_label, state_of, text_of, text_or_none
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.geofence import EARTH_RADIUS_M, FRESH_FOR_S, Fence, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalPlace:
    """The order, its site and the fence; `fence` None: the site has none on this device."""

    order_id: str
    number: str
    title: str
    asset: str | None
    site: str
    address: str | None
    fence: Fence | None
    offset_ms: int | None
    """Server clock minus device clock; None: never measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalPreview:
    """How a position would be judged. Metres east and north of the fence's centre are for a drawing only."""

    position: Position
    fence: str
    """inside, outside or unknown."""
    distance_m: float | None
    """From the centre; None: there is no fence, or the position is none on this planet."""
    outside_m: float | None
    """From the edge of the fence; None: not beyond it."""
    east_m: float
    north_m: float
    is_old: bool
    """Too old to say anything about now."""


def arrival_place(reading: Reading, order_id: str) -> ArrivalPlace | None:
    """Say where an order is; None: it is not on this device."""
    order = reading.get("work_order", order_id)
    if order is None or order["deleted_at"] is not None:
        return None
    site = reading.get("site", text_of(order["site_id"]))
    asset = reading.cursor.execute(
        "SELECT code, name FROM asset_stub WHERE asset_id = ? AND deleted_at IS NULL LIMIT 1", (order["asset_id"],)
    ).fetchone()
    return ArrivalPlace(
        order_id=order_id,
        number=text_of(order["number"]),
        title=text_of(order["title"]),
        asset=asset_label(asset[0], asset[1], order["asset_text"]) if asset else text_or_none(order["asset_text"]),
        site=text_of(site["name"]) if site else "",
        address=text_or_none(site["address"]) if site else None,
        fence=fence_of_site(site),
        offset_ms=state_of(reading).offset_ms,
    )


def arrival_preview(place: ArrivalPlace, position: Position) -> ArrivalPreview:
    """Judge a position at the place of an order, as recording the arrival will."""
    word, distance_m = "unknown", None
    if place.fence is not None:
        try:
            verdict = judge(
                place.fence,
                latitude=position.latitude,
                longitude=position.longitude,
                accuracy_m=position.accuracy_m,
                age_s=position.age_s,
            )
            word, distance_m = verdict.fence, verdict.distance_m
        except ValueError:
            pass  # a position that cannot be; recording it says so
    beyond = None if place.fence is None or distance_m is None else distance_m - place.fence.radius_m
    east_m, north_m = _offset(place.fence, position, distance_m)
    return ArrivalPreview(
        position=position,
        fence=word,
        distance_m=distance_m,
        outside_m=beyond if beyond is not None and beyond > 0 else None,
        east_m=east_m,
        north_m=north_m,
        is_old=abs(position.age_s) > FRESH_FOR_S,
    )


def _offset(fence: Fence | None, position: Position, distance_m: float | None) -> tuple[float, float]:
    """Metres east and north of the centre: the true distance in the direction of a flat map."""
    if fence is None or not distance_m:
        return 0.0, 0.0
    turned = (position.longitude - fence.longitude + 540) % 360 - 180
    east = math.radians(turned) * math.cos(math.radians(fence.latitude)) * EARTH_RADIUS_M
    north = math.radians(position.latitude - fence.latitude) * EARTH_RADIUS_M
    length = math.hypot(east, north) or 1.0
    return east / length * distance_m, north / length * distance_m
