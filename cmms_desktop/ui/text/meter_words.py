"""Meters in words: what was read last, by whom and when, the limits, and what a new reading means."""

from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.meters import MeterLine
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import limits, with_unit

SAID: Final = {
    "normal": "",
    "warning": " is worth a look",
    "outside": " is out of its limits",
    "critical": " is critical",
}
"""What a toast says behind a reading."""


def last_reading(line: MeterLine, moments: Moments, now: datetime) -> str:
    """`4.8 bar · Today 07:20 · Technician 3`; that it was never read."""
    if line.last is None:
        return "Never read"
    parts = (with_unit(line.last, line.unit), moments.when(line.read_at, now) if line.read_at else "", line.read_by)
    return " · ".join(part for part in parts if part)


def limit_words(line: MeterLine) -> str:
    """`Limits 3.5 to 6.5 bar`; nothing without limits."""
    return limits(*line.limits, line.unit)


def reading_saved(value: str, unit: str, state: str) -> str:
    """What is said when a reading was kept: nothing more than that, where it is in order."""
    return f"Reading saved: {with_unit(value, unit)}{SAID[state]}" if SAID.get(state) else "Reading saved"
