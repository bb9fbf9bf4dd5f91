"""A part on its way: what was entered so far, and what the form says about it. Plain values."""

from dataclasses import dataclass
from decimal import Decimal

from cmms_desktop.application.queries.stock_lines import PartLine, StockLine, StockPlace
from cmms_desktop.ui.screens.order_parts.states import MoveState
from cmms_desktop.ui.text.numbers import with_unit
from cmms_desktop.ui.text.order_words import part_words, stock_words
from sync_server.contract.rules.reading import parse_decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """What is being entered. `mode`: "" nothing, find, use, return; `most`: no more than this can be put back."""

    mode: str = ""
    text: str = ""
    part_id: str = ""
    place_id: str = ""
    quantity: str = ""
    most: str = ""


def move_state(entry: Entry, part: PartLine, reach: tuple[StockPlace, ...]) -> MoveState:
    """Say what is about to be posted; without a chosen place it is the nearest that has some.

    Args:
        reach: own van and stores of the site. A part may be taken from the van although nobody put it there.
    """
    lines = _lines(part, reach)
    place_id = entry.place_id or _nearest(lines)
    quantity = parse_decimal(entry.quantity)
    said = with_unit(quantity, part.unit) if quantity is not None else ""
    line = next((each for each in lines if each.place.id == place_id), None)
    verb = "Use" if entry.mode == "use" else "Put back"
    places = tuple((each.place.id, stock_words(each)) for each in lines)
    return MoveState(
        part=part_words(part.name, part.code),
        unit=_unit(part.unit),
        places=places if entry.mode == "use" else tuple(each for each in places if each[0] == place_id),
        place_id=place_id,
        quantity=entry.quantity,
        act=f"{verb} {said}".strip(),
        hint=_hint(entry, quantity, line),
    )


def _lines(part: PartLine, reach: tuple[StockPlace, ...]) -> tuple[StockLine, ...]:
    known = {line.place.id for line in part.stock}
    empty = [StockLine(place, Decimal(0)) for place in reach if place.id not in known]
    vans = [line for line in empty if line.place.is_own_van]
    return (*vans, *part.stock) if part.stock or vans else tuple(empty)


def _nearest(stock: tuple[StockLine, ...]) -> str:
    """The own van comes first; a store that has some goes before a van that has none."""
    having = [line for line in stock if line.quantity > 0] or list(stock)
    return having[0].place.id if having else ""


def _unit(unit: str) -> str:
    return with_unit("2", unit).removeprefix("2").strip()


def _hint(entry: Entry, quantity: Decimal | None, line: StockLine | None) -> str:
    if entry.mode != "use":
        return ""
    if line is None:
        return "No store or van in reach has this part."
    if quantity is not None and quantity > line.quantity:
        return f"{line.place.name} has too few. The office gets a part request."
    return ""
