"""What is known of assets beside their cards: specifications, papers that expire, and what feeds what."""

from typing import Any, Final

from sync_server.application.seeding.content import Content
from sync_server.contract.fields import Scalar

PLATES: Final[dict[str, tuple[tuple[str, str, str | None], ...]]] = {
    "PUMP": (("Flow", "120", "m³/h"), ("Motor power", "15", "kW"), ("Speed", "1450", "1/min")),
    "MOTOR": (("Rated power", "22", "kW"), ("Voltage", "400", "V"), ("Protection", "IP55", None)),
    "CHILLER": (("Cooling capacity", "350", "kW"), ("Refrigerant", "R1234ze", None)),
    "FAN": (("Air flow", "18000", "m³/h"),),
}
"""Letters of the type in an asset's code → name, value and unit on its plate."""
PAPERS: Final[dict[str, tuple[tuple[str, str, int | None], ...]]] = {
    "PUMP": (("manual", "Operating manual", None), ("certificate", "Pressure test", 200)),
    "CHILLER": (("permit", "Refrigerant permit", 20), ("inspection", "Leak inspection", -12)),
    "PANEL": (("drawing", "Wiring diagram", None), ("inspection", "Thermography", 90)),
}
"""Kind and title of its papers, and in how many days each expires."""
FED: Final = 2
"""A pump feeds the asset that comes so many places behind it: a valve."""


def add_details(content: Content, asset_ids: list[str]) -> None:
    """Add what is known of assets, in the order of their codes. Takes nothing from chance."""
    for number, asset_id in enumerate(asset_ids):
        code = str(content.asset(asset_id)["code"])
        word = code.split("-")[1]
        _add_plate(content, asset_id, code, word)
        _add_papers(content, asset_id, code, word)
        if word == "PUMP" and number + FED < len(asset_ids):
            other = asset_ids[number + FED]
            _add(content, "asset_relation", asset_id, f"{code}/feeds", kind="feeds", other_asset_id=other)


def _add_plate(content: Content, asset_id: str, code: str, word: str) -> None:
    for place, (name, value, unit) in enumerate(PLATES.get(word, ()), start=1):
        named: dict[str, Scalar] = {"name": name, "value": value, "unit": unit, "position": place}
        _add(content, "asset_specification", asset_id, f"{code}/{name}", **named)


def _add_papers(content: Content, asset_id: str, code: str, word: str) -> None:
    for kind, title, days in PAPERS.get(word, ()):
        expires_on = None if days is None else content.on(days=days)
        named = {"kind": kind, "title": title, "reference": f"{code}/{kind}", "kept_at": "Plant office, cabinet 4"}
        _add(content, "asset_document", asset_id, f"{code}/{title}", **named, expires_on=expires_on)


def _add(content: Content, entity: str, asset_id: str, called: str, /, **values: Scalar) -> None:
    id_ = content.id_of(entity, called)
    audit: dict[str, Any] = {"at": content.at(days=-398), "aggregate_id": asset_id, "asset_id": asset_id}
    content.add(entity, id_, **{**values, **audit})
