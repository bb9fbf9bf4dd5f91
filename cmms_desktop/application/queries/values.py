"""Values of any field, with what is needed to say them: ids come with the name of what they point at. Frozen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import AMONG, location_paths, packed, text_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar
from sync_server.contract.rules.assigning import ASSIGNMENT

_NAMED: Final[dict[str, str]] = {
    "site": "SELECT id, name FROM site",
    "asset": "SELECT asset_id, trim(coalesce(code, '') || ' ' || coalesce(name, '')) FROM asset_stub",
    "asset_type": "SELECT id, name FROM asset_type",
    "part": "SELECT id, name FROM part",
    "person": "SELECT id, name FROM person",
    "team": "SELECT id, name FROM team",
    "stock_location": "SELECT id, name FROM stock_location",
    "work_order": "SELECT id, number FROM work_order",
    "checklist_template": "SELECT id, name FROM checklist_template",
}
"""Entity → how its rows are named; an asset by its label, which is here for every one of a site."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value of one field. `name`: what a reference points at, as far as it is known here."""

    entity: str
    field: str
    raw: Scalar
    name: str | None = None


def referred(entity: str, field: str) -> str | None:
    """The entity that a field points at; None: it is no reference, or a newer server's field."""
    spec = REGISTRY.get(entity)
    column = spec.by_name.get(field) if spec else None
    if column is None:
        return None
    return column.references or ("person" if field in {"answered_by", "created_by", "updated_by"} else None)


def named(reading: Reading, values: Iterable[FieldValue]) -> dict[tuple[str, str], str]:
    """Names of what values point at, by entity and id: one statement for each entity that is pointed at."""
    wanted: dict[str, set[str]] = {}
    for value in values:
        for entity in _pointed_at(value) if isinstance(value.raw, str) else ():
            wanted.setdefault(entity, set()).add(str(value.raw))
    found: dict[tuple[str, str], str] = {}
    for entity, ids in wanted.items():
        found.update(((entity, id_), name) for id_, name in _names(reading, entity, ids).items())
    return found


def _pointed_at(value: FieldValue) -> tuple[str, ...]:
    """What a value may point at; who has an order is a person or a team, whichever of them takes his place."""
    entity = referred(value.entity, value.field)
    if entity is not None and value.entity == ASSIGNMENT and entity in {"person", "team"}:
        return "person", "team"
    return () if entity is None else (entity,)


def _names(reading: Reading, entity: str, ids: set[str]) -> dict[str, str]:
    if entity == "location":
        return location_paths(reading, ids)
    sql = _NAMED.get(entity)
    if sql is None:
        return {}
    key = "asset_id" if entity == "asset" else "id"
    lines = reading.cursor.execute(f"{sql} WHERE {key} {AMONG}", (packed(ids),)).fetchall()
    return {id_: text_of(name) for id_, name in lines if name}


def with_name(value: FieldValue, names: Mapping[tuple[str, str], str]) -> FieldValue:
    """A value with the name of what it points at."""
    raw = value.raw if isinstance(value.raw, str) else ""
    name = next((names[entity, raw] for entity in _pointed_at(value) if (entity, raw) in names), None)
    return value if name is None else FieldValue(value.entity, value.field, value.raw, name)
