"""Where parts lie that a person can reach: his own van, and the stores and bins of a site. Frozen, from the replica.

Levels are sums of movements as this device knows them: old ones say their age (`as_of` of the pages).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cmms_desktop.application.queries.lookups import AMONG, packed, text_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.reading import parse_decimal


@dataclass(frozen=True, slots=True)
class StockPlace:
    """A stock location. `kind`: store, bin or van. `capacity`: how much it has room for in all; None: nobody asked."""

    id: str
    name: str
    code: str
    kind: str
    is_own_van: bool
    capacity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StockLine:
    """How much of a part lies somewhere, in the part's unit; may be negative."""

    place: StockPlace
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """A part with what lies within reach, the own van first."""

    id: str
    code: str
    name: str
    unit: str
    barcode: str | None
    stock: tuple[StockLine, ...]

    @property
    def in_van(self) -> Decimal:
        """How much lies in the own van."""
        return sum((line.quantity for line in self.stock if line.place.is_own_van), Decimal(0))


_REACH: Final = "((l.kind = 'van' AND l.owner_id = ?) OR (l.kind <> 'van' AND l.site_id = ?))"
_PLACE: Final = "l.id, l.name, l.code, l.kind, l.kind = 'van' AND l.owner_id = ?"


def quantity_of(value: object) -> Decimal:
    """A stored quantity; nothing where a newer server wrote something else."""
    return parse_decimal(text_of(value)) or Decimal(0)


def stock_places(reading: Reading, person_id: str, site_id: str) -> tuple[StockPlace, ...]:
    """A person's van first, then the stores and bins of a site by name."""
    lines = reading.cursor.execute(
        f"SELECT {_PLACE} FROM stock_location l WHERE l.deleted_at IS NULL AND {_REACH}"
        " ORDER BY l.kind <> 'van', l.kind <> 'store', l.name, l.id",
        (person_id, person_id, site_id),
    ).fetchall()
    return tuple(StockPlace(id_, text_of(name), text_of(code), kind, bool(own)) for id_, name, code, kind, own in lines)


def stock_of(
    reading: Reading, part_ids: Iterable[str], *, person_id: str, site_id: str
) -> dict[str, tuple[StockLine, ...]]:
    """Where parts lie within reach, by part, the own van first. A part that lies nowhere is missing."""
    lines = reading.cursor.execute(
        f"SELECT v.part_id, v.quantity, {_PLACE} FROM stock_level v JOIN stock_location l"
        " ON l.id = v.stock_location_id"
        f" WHERE v.part_id {AMONG} AND v.deleted_at IS NULL AND l.deleted_at IS NULL AND {_REACH}"
        " ORDER BY l.kind <> 'van', l.kind <> 'store', l.name, l.id",
        (person_id, packed(part_ids), person_id, site_id),
    ).fetchall()
    found: dict[str, list[StockLine]] = {}
    for part_id, quantity, id_, name, code, kind, own in lines:
        place = StockPlace(id_, text_of(name), text_of(code), kind, bool(own))
        found.setdefault(part_id, []).append(StockLine(place, quantity_of(quantity)))
    return {part_id: tuple(lines) for part_id, lines in found.items()}
