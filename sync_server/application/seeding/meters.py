"""Meters of the assets that have any, with their limits and a reading of this week."""

from decimal import Decimal
from typing import Final

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.people import Staff

KINDS: Final[dict[str, tuple[tuple[str, str, dict[str, str], tuple[str, ...]], ...]]] = {
    "PUMP": (
        (
            "Discharge pressure",
            "bar",
            {"minimum": "3.5", "maximum": "6.5", "warning_at": "6", "critical_at": "8"},
            ("4.8", "5.1", "6.2"),
        ),
        ("Operating hours", "h", {"minimum": "0"}, ("12480", "8312", "20144")),
    ),
    "MOTOR": (
        (
            "Winding temperature",
            "°C",
            {"minimum": "0", "maximum": "120", "warning_at": "95", "critical_at": "110"},
            ("71", "97.5", "64"),
        ),
    ),
    "CHILLER": (
        (
            "Supply temperature",
            "°C",
            {"minimum": "4", "maximum": "12", "warning_at": "5", "critical_at": "3"},
            ("6.4", "4.8", "7"),
        ),
    ),
    "FILTER": (("Pressure drop", "Pa", {"minimum": "0", "maximum": "450", "warning_at": "300"}, ("180", "335", "90")),),
}
"""Letters of the type in an asset's code → name, unit, limits and readings of its meters."""


def add_meters(content: Content, staff: Staff, asset_ids: list[str]) -> None:
    """Add the meters of assets, in the order of their codes. Takes nothing from chance: the rest stays as it was."""
    reader = next(person for person in staff.people if person.role == "technician")
    for number, asset_id in enumerate(asset_ids):
        asset = content.asset(asset_id)
        word = str(asset["code"]).split("-")[1]
        for name, unit, limits, readings in KINDS.get(word, ()):
            content.add(
                "meter",
                content.id_of("meter", f"{asset['code']}/{name}"),
                at=content.at(days=-398),
                aggregate_id=asset_id,
                asset_id=asset_id,
                name=name,
                unit=unit,
                **{limit: str(Decimal(value)) for limit, value in limits.items()},
                last_value=readings[number // 10 % len(readings)],
                last_read_at=content.at(days=-(number % 7) - 1, minutes=9 * 60 + number % 60),
                last_offset_ms=0,
                last_read_by=reader.id,
            )
