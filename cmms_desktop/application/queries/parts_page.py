"""The parts of an order: planned ones, what was taken and put back, what ran short; and finding a part to take.

Frozen rows from the replica only. Stock is what this device knows: `as_of` says since when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from cmms_desktop.application.queries.lookups import received_at, state_of, text_of, text_or_none
from cmms_desktop.application.queries.stock_lines import (
    PartLine,
    StockLine,
    StockPlace,
    quantity_of,
    stock_of,
    stock_places,
)
from cmms_desktop.replica.transaction import Reading


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part that the office planned, and how much of it was used so far."""

    part: PartLine
    planned: Decimal
    used: Decimal

    @property
    def is_in_van(self) -> bool:
        """Whether the own van holds what is still needed."""
        return self.part.in_van >= self.planned - self.used


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementLine:
    """One posting on the order. `quantity`: signed change of the stock, using two is -2. Instants in wire form."""

    id: str
    kind: str
    part_id: str
    code: str
    name: str
    unit: str
    quantity: Decimal
    place_id: str
    place: str
    moved_at: str | None
    received_at: str | None
    person: str
    note: str | None
    offset_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRequestLine:
    """Stock ran short: somebody has to bring or buy it."""

    id: str
    part_id: str
    code: str
    name: str
    unit: str
    quantity: Decimal
    place: str
    status: str


@dataclass(frozen=True, slots=True)
class PartsPage:
    """Everything about parts on one order."""

    order_id: str
    is_locked: bool
    planned: tuple[PlannedPart, ...]
    movements: tuple[MovementLine, ...]
    requests: tuple[PartRequestLine, ...]
    places: tuple[StockPlace, ...]
    """Where to take parts from: the own van first."""
    as_of: str | None


_MOVEMENTS: Final = """
SELECT m.id, m.kind, m.part_id, p.code, p.name, p.unit, m.quantity, l.name, m.moved_at, m.created_at, m.version,
  w.name, m.note, m.stock_location_id, m.offset_ms
FROM stock_movement m LEFT JOIN part p ON p.id = m.part_id LEFT JOIN stock_location l ON l.id = m.stock_location_id
LEFT JOIN person w ON w.id = m.created_by
WHERE m.aggregate_id = ? AND m.deleted_at IS NULL ORDER BY m.moved_at, m.id"""
_REQUESTS: Final = """
SELECT r.id, r.part_id, p.code, p.name, p.unit, r.quantity, l.name, r.status
FROM part_request r LEFT JOIN part p ON p.id = r.part_id LEFT JOIN stock_location l ON l.id = r.stock_location_id
WHERE r.aggregate_id = ? AND r.deleted_at IS NULL ORDER BY r.created_at, r.id"""
_PLANNED: Final = """
SELECT w.part_id, p.code, p.name, p.unit, p.barcode, w.quantity FROM work_order_part w
LEFT JOIN part p ON p.id = w.part_id WHERE w.aggregate_id = ? AND w.deleted_at IS NULL ORDER BY p.name, w.id"""
_PARTS: Final = "SELECT p.id, p.code, p.name, p.unit, p.barcode FROM part p WHERE p.deleted_at IS NULL"


def parts_page(reading: Reading, order_id: str) -> PartsPage | None:
    """Parts of an order, for the person whose replica this is; None: the order is not here."""
    order = reading.get("work_order", order_id)
    if order is None or order["deleted_at"] is not None:
        return None
    state, site_id = state_of(reading), text_of(order["site_id"])
    movements = movement_lines(reading, order_id)
    requests = reading.cursor.execute(_REQUESTS, (order_id,)).fetchall()
    return PartsPage(
        order_id=order_id,
        is_locked=order["status"] in {"completed", "closed"},
        planned=planned_parts(reading, order_id, movements, person_id=state.person_id, site_id=site_id),
        movements=movements,
        requests=tuple(_request(line) for line in requests),
        places=stock_places(reading, state.person_id, site_id),
        as_of=state.last_sync_at,
    )


def movement_lines(reading: Reading, order_id: str) -> tuple[MovementLine, ...]:
    """Postings on an order, oldest first."""
    return tuple(_movement(line) for line in reading.cursor.execute(_MOVEMENTS, (order_id,)).fetchall())


def planned_parts(
    reading: Reading, order_id: str, movements: Sequence[MovementLine], *, person_id: str, site_id: str
) -> tuple[PlannedPart, ...]:
    """Parts that the office planned, with what was used of them and what lies within reach."""
    lines = reading.cursor.execute(_PLANNED, (order_id,)).fetchall()
    stock = stock_of(reading, (line[0] for line in lines), person_id=person_id, site_id=site_id)
    used: dict[str, Decimal] = {}
    for each in movements:
        used[each.part_id] = used.get(each.part_id, Decimal(0)) - each.quantity
    return tuple(
        PlannedPart(_part(line[:5], stock), quantity_of(line[5]), used.get(line[0], Decimal(0))) for line in lines
    )


def find_parts(reading: Reading, text: str, *, person_id: str, site_id: str, limit: int = 30) -> tuple[PartLine, ...]:
    """Parts whose code, name or barcode say every word; those in reach first. Empty text: what lies in the own van."""
    words = text.casefold().split()
    lines = reading.cursor.execute(f"{_PARTS} ORDER BY p.name, p.id").fetchall()
    kept = [line for line in lines if all(word in _said(line) for word in words)]
    stock = stock_of(reading, (line[0] for line in kept), person_id=person_id, site_id=site_id)
    found = [_part(line, stock) for line in kept]
    if not words:
        found = [part for part in found if part.in_van > 0]
    return tuple(sorted(found, key=_out_of_reach)[:limit])


def part_by_code(reading: Reading, code: str, *, person_id: str, site_id: str) -> PartLine | None:
    """The part that a scanned or typed code names exactly, by barcode or code; None: nobody knows it here."""
    line = reading.cursor.execute(
        f"{_PARTS} AND (p.barcode = ? OR p.code = ?) ORDER BY p.barcode = ? DESC, p.id LIMIT 1", (code, code, code)
    ).fetchone()
    if line is None:
        return None
    return _part(line, stock_of(reading, (line[0],), person_id=person_id, site_id=site_id))


def part_line(reading: Reading, part_id: str, *, person_id: str, site_id: str) -> PartLine | None:
    """One part with what lies within reach; None: it is not here."""
    line = reading.cursor.execute(f"{_PARTS} AND p.id = ?", (part_id,)).fetchone()
    return None if line is None else _part(line, stock_of(reading, (part_id,), person_id=person_id, site_id=site_id))


def _said(line: Sequence[Any]) -> str:
    return " ".join(text_of(line[place]) for place in (1, 2, 4)).casefold()


def _out_of_reach(part: PartLine) -> tuple[bool, bool]:
    return part.in_van <= 0, not any(line.quantity > 0 for line in part.stock)


def _part(line: Sequence[Any], stock: dict[str, tuple[StockLine, ...]]) -> PartLine:
    id_, code, name, unit, barcode = line
    return PartLine(
        id=text_of(id_),
        code=text_of(code),
        name=text_of(name),
        unit=text_of(unit),
        barcode=text_or_none(barcode),
        stock=stock.get(id_, ()),
    )


def _movement(line: Sequence[Any]) -> MovementLine:
    return MovementLine(
        id=line[0],
        kind=text_of(line[1]),
        part_id=text_of(line[2]),
        code=text_of(line[3]),
        name=text_of(line[4]),
        unit=text_of(line[5]),
        quantity=quantity_of(line[6]),
        place=text_of(line[7]),
        moved_at=line[8],
        received_at=received_at({"created_at": line[9], "version": line[10]}),
        person=text_of(line[11]),
        note=text_or_none(line[12]),
        place_id=text_of(line[13]),
        offset_ms=line[14],
    )


def _request(line: Sequence[Any]) -> PartRequestLine:
    id_, part_id, code, name, unit, quantity, place, status = line
    return PartRequestLine(
        id=id_,
        part_id=text_of(part_id),
        code=text_of(code),
        name=text_of(name),
        unit=text_of(unit),
        quantity=quantity_of(quantity),
        place=text_of(place),
        status=text_of(status),
    )
