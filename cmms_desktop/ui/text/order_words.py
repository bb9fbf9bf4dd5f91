"""An order in words: its place, what is due, how a visit stands, what was signed."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from cmms_desktop.application.queries.day import DayCard
from cmms_desktop.application.queries.order import OrderPage
from cmms_desktop.application.queries.order_assets import FurtherAsset
from cmms_desktop.application.queries.parts_page import PlannedPart
from cmms_desktop.application.queries.readiness import MissingThing, Readiness
from cmms_desktop.application.queries.stock_lines import StockLine
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted, number, size, with_unit

HALF_WRITTEN_KEPT = "What you half wrote is kept on the Sync page."
NO_CARD: Final = "Asset without a card here"
NO_CARD_OF: Final = "Its asset has no card here: it was deleted, or belongs to another site"
"""A device that was set up later cannot tell the two apart: of neither anything comes."""
_MISSING = {
    "site": "Site",
    "asset": "Asset",
    "location": "Location",
    "checklist": "Whole checklist",
    "part": "Planned part",
    "photo": "Photo",
}


def place_words(site: str, location: str | None) -> str:
    """`Alder Works, Basement B1, Pump room`."""
    return ", ".join(part for part in (site, location) if part)


def card_place(card: DayCard) -> str:
    """Site and the innermost place, as short as a card is: `Alder Works · Pump room`."""
    inner = (card.location or "").rpartition(", ")[2]
    return " · ".join(part for part in (card.site, inner) if part)


def asset_words(page: OrderPage) -> str:
    """`P-117 Booster pump`, or the text that stands in for an unknown asset; nothing without one.

    What an order names comes to whoever holds the order, unless it was deleted or is of a site that he may not enter.
    """
    known = " ".join(part for part in (page.asset_code, page.asset_name) if part)
    return known or page.asset_text or (NO_CARD if page.asset_id else "")


def further_words(asset: FurtherAsset) -> str:
    """`P-118 Booster pump: check the seal`, of an asset beside the one in the header."""
    label = asset.label or NO_CARD
    return label if asset.note is None else f"{label}: {asset.note}"


def card_time(card: DayCard, moments: Moments, now: datetime) -> str:
    """When to be there: the planned time, else when it is due, as short as it can be said."""
    return moments.short(card.scheduled_at or card.due_at, now)


def readiness_title(readiness: Readiness) -> str:
    """`Ready for offline: 12/12 orders, 41 MB`."""
    return f"Ready for offline: {readiness.ready}/{readiness.total} orders, {size(readiness.size_bytes)}"


def readiness_text(readiness: Readiness, moments: Moments, now: datetime) -> str:
    """Since when, and what is not here."""
    if readiness.as_of is None:
        return "Never synced on this device"
    since = f"Synced {_since(readiness.as_of, moments, now)}"
    return since if not readiness.missing else f"{since}. Not here: {_kinds(readiness)}"


def _since(at: str, moments: Moments, now: datetime) -> str:
    return moments.time(at) if moments.day(at, now) == "Today" else moments.when(at, now)


def _kinds(readiness: Readiness) -> str:
    counts: dict[str, int] = {}
    for each in readiness.missing:
        counts[each.kind] = counts.get(each.kind, 0) + 1
    return ", ".join(counted(count, words.lower(_MISSING[kind])) for kind, count in counts.items())


def may_come(thing: MissingThing) -> bool:
    """Whether a sync can bring it."""
    return thing.kind != "asset" or bool(thing.name)


def missing_words(thing: MissingThing) -> str:
    """`Asset P-117 is not on this device`."""
    if not may_come(thing):
        return NO_CARD_OF
    return f"{_MISSING[thing.kind]} {thing.name} is not on this device"


def stock_as_of(as_of: str | None, moments: Moments, now: datetime) -> str:
    """`stock as of 06:58`."""
    return "stock never synced" if as_of is None else f"stock as of {_since(as_of, moments, now)}"


def stock_words(line: StockLine) -> str:
    """`Van 07: 3`."""
    return f"{line.place.name}: {number(line.quantity)}"


def planned_words(planned: PlannedPart) -> str:
    """`Drip tray DT-2, 1 piece`."""
    return f"{part_words(planned.part.name, planned.part.code)}, {with_unit(planned.planned, planned.part.unit)}"


def part_words(name: str, code: str) -> str:
    """`Drip tray DT-2`; a part that is not here says so."""
    return " ".join(part for part in (name, code) if part) or "Part that is not on this device"


def quantity_words(quantity: Decimal, unit: str) -> str:
    """How much was moved, without its direction: `2 pieces`."""
    return with_unit(abs(quantity), unit)
