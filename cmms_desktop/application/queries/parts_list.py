"""The Parts page: every part of the catalogue with where it lies, and the card of one. Frozen, from the replica only.

Levels are what this device knows: `as_of` says since when. Vans of other people are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cmms_desktop.application.queries.lookups import AMONG, OrderLink, packed, state_of, text_of, text_or_none
from cmms_desktop.application.queries.order_list import folded
from cmms_desktop.application.queries.stock_lines import PartLine, StockLine, StockPlace, quantity_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.reading import parse_decimal


@dataclass(frozen=True, slots=True)
class PartsList:
    """What was found. `total`: how many parts fit; `has_van`: the person has a van."""

    rows: tuple[PartLine, ...]
    total: int
    has_van: bool
    as_of: str | None


@dataclass(frozen=True, slots=True)
class PartCard:
    """One part with the open orders on this device that it is planned for.

    `vendor`: whom it is bought from, "" when nobody said; `reorder_point`: where a site's stores hold so much or less
    it is to be reordered, `reorder_quantity` at once; in its unit, None when nobody said.
    """

    part: PartLine
    orders: tuple[OrderLink, ...]
    as_of: str | None
    vendor: str
    reorder_point: Decimal | None
    reorder_quantity: Decimal | None


_PARTS: Final = "SELECT id, code, name, unit, barcode FROM part WHERE deleted_at IS NULL"
_STOCK: Final = f"""
SELECT v.part_id, v.quantity, l.id, l.name, l.code, l.kind, l.kind = 'van' AND l.owner_id = ?, l.capacity
FROM stock_level v
JOIN stock_location l ON l.id = v.stock_location_id
WHERE v.part_id {AMONG} AND v.deleted_at IS NULL AND l.deleted_at IS NULL AND (l.kind <> 'van' OR l.owner_id = ?)
ORDER BY l.kind <> 'van', l.kind <> 'store', l.name, l.id"""
_BOUGHT: Final = """
SELECT v.name, p.reorder_point, p.reorder_quantity FROM part p
LEFT JOIN vendor v ON v.id = p.vendor_id AND v.deleted_at IS NULL WHERE p.id = ?"""
_PLANNED_FOR: Final = """
SELECT DISTINCT w.id, w.number, w.title, w.status FROM work_order_part x JOIN work_order w ON w.id = x.work_order_id
WHERE x.part_id = ? AND x.deleted_at IS NULL AND w.deleted_at IS NULL
AND w.status IN ('new', 'assigned', 'in_progress', 'on_hold') ORDER BY w.number"""


def parts_list(reading: Reading, text: str = "", *, only_van: bool = False, limit: int = 500) -> PartsList:
    """Parts whose code, name or barcode say every word, by name; `only_van`: those that the own van holds."""
    state, words = state_of(reading), folded(text).split()
    lines = reading.cursor.execute(f"{_PARTS} ORDER BY name, id").fetchall()
    kept = [line for line in lines if all(word in _said(line) for word in words)]
    stock = _stock(reading, (line[0] for line in kept), state.person_id)
    rows = [_row(line, stock.get(line[0], ())) for line in kept]
    if only_van:
        rows = [row for row in rows if row.in_van > 0]
    (has_van,) = reading.cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM stock_location WHERE kind = 'van' AND owner_id = ? AND deleted_at IS NULL)",
        (state.person_id,),
    ).fetchone()
    return PartsList(tuple(rows[:limit]), len(rows), bool(has_van), state.last_sync_at)


def part_card(reading: Reading, part_id: str) -> PartCard | None:
    """One part; None: it is not here."""
    state = state_of(reading)
    line = reading.cursor.execute(f"{_PARTS} AND id = ?", (part_id,)).fetchone()
    if line is None:
        return None
    orders = reading.cursor.execute(_PLANNED_FOR, (part_id,)).fetchall()
    links = tuple(OrderLink(*(text_of(cell) for cell in order)) for order in orders)
    vendor, *points = reading.cursor.execute(_BOUGHT, (part_id,)).fetchone()
    point, at_once = (parse_decimal(text_of(each)) for each in points)
    part = _row(line, _stock(reading, (part_id,), state.person_id).get(part_id, ()))
    return PartCard(part, links, state.last_sync_at, text_of(vendor), point, at_once)


def _stock(reading: Reading, part_ids: Iterable[str], person_id: str) -> dict[str, tuple[StockLine, ...]]:
    found: dict[str, list[StockLine]] = {}
    lines = reading.cursor.execute(_STOCK, (person_id, packed(part_ids), person_id)).fetchall()
    for part_id, quantity, id_, name, code, kind, own, capacity in lines:
        room = parse_decimal(text_of(capacity))
        place = StockPlace(id_, text_of(name), text_of(code), text_of(kind), bool(own), room)
        found.setdefault(part_id, []).append(StockLine(place, quantity_of(quantity)))
    return {part_id: tuple(each) for part_id, each in found.items()}


def _said(line: tuple[object, ...]) -> str:
    return folded(" ".join(text_of(line[place]) for place in (1, 2, 4)))


def _row(line: tuple[object, ...], stock: tuple[StockLine, ...]) -> PartLine:
    id_, code, name, unit, barcode = line
    return PartLine(
        id=text_of(id_),
        code=text_of(code),
        name=text_of(name),
        unit=text_of(unit),
        barcode=text_or_none(barcode),
        stock=stock,
    )
