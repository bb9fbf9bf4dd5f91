"""The meters of an asset's card, ready to draw. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cmms_desktop.application.queries.meters import MeterLine
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.meter_words import last_reading, limit_words
from cmms_desktop.ui.text.moments import Moments


@dataclass(frozen=True, slots=True)
class MeterRow:
    """One meter. `note`: of the last reading, "" for none."""

    id: str
    name: str
    unit: str
    last: str
    limits: str
    note: str
    badges: tuple[BadgeSpec, ...]


def meter_rows(lines: Iterable[MeterLine], now: datetime) -> tuple[MeterRow, ...]:
    """Say what is known of meters."""
    return tuple(_row(line, now) for line in lines)


def _row(line: MeterLine, now: datetime) -> MeterRow:
    shown = () if line.state is None else (badges.meter_badge(line.state),)
    name = line.name or "Meter without a name"
    return MeterRow(
        line.id, name, line.unit, last_reading(line, Moments(), now), limit_words(line), line.note or "", shown
    )
