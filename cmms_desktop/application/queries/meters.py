"""Meters of an asset with their limits and what they were read at last, ready to be shown. Frozen rows."""

from dataclasses import dataclass
from decimal import Decimal

from cmms_desktop.application.queries.happened import happened_at
from cmms_desktop.application.queries.lookups import person_names, rows_of, text_of, text_or_none
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row
from sync_server.contract.rules.metering import State, judged
from sync_server.contract.rules.reading import limits_of, parse_decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterLine:
    """One meter. `state`, `read_at`, `read_by` are None where it was never read; `read_by` also of a stranger."""

    id: str
    name: str
    unit: str
    limits: tuple[Decimal | None, Decimal | None]
    last: Decimal | None
    state: State | None
    read_at: str | None
    read_by: str | None
    note: str | None


def meters_of(reading: Reading, asset_id: str) -> tuple[MeterLine, ...]:
    """The meters of an asset on this device, by name."""
    rows = rows_of(reading, "meter", [asset_id]).get(asset_id, [])
    names = person_names(reading, [row["last_read_by"] for row in rows])
    return tuple(sorted((_line(row, names) for row in rows), key=lambda line: (line.name, line.id)))


def _line(row: Row, names: dict[str, str]) -> MeterLine:
    last = None if row["last_value"] is None else parse_decimal(text_of(row["last_value"]))
    return MeterLine(
        id=text_of(row["id"]),
        name=text_of(row["name"]),
        unit=text_of(row["unit"]),
        limits=limits_of(row),
        last=last,
        state=None if last is None else judged(row, last),
        read_at=None if last is None else happened_at(row["last_read_at"], row["last_offset_ms"], None),
        read_by=names.get(text_of(row["last_read_by"])),
        note=text_or_none(row["last_note"]),
    )
