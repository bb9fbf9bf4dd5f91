"""One valid row of any synced entity, built from its declaration: every table has a builder the moment it is declared.

Deterministic: the same organization, entity and name give the same row. What a declaration cannot say (an exclusive
pair, an id that follows from others) is in the small table below. Writes nothing.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec

from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import COMMON, ColumnSpec, Merge, Row, Scalar
from sync_server.contract.messages import Base, Clock, Mutation
from sync_server.contract.rules.attaching import attached_id
from sync_server.contract.rules.draft import level_id, stub_id
from sync_server.contract.version import MUTATION

AT = "2026-03-02T08:00:00.000000Z"
Ground = Mapping[str, str]
"""Entity → id of the row that references to it name."""
Value = Scalar | Callable[[Ground], Scalar]


def _held_body(order_id: str, person_id: str) -> str:
    """Write a change that somebody might have made: held work can be read."""
    id_ = str(uuid.uuid5(uuid.UUID(order_id), "held"))
    mutation = Mutation(
        mutation_id=id_,
        device=id_,
        user=person_id,
        group=id_,
        type="work_order.set",
        v=MUTATION,
        aggregate_id=order_id,
        entity="work_order",
        id=order_id,
        base=Base(epoch="", version=0, seq=0),
        set={"title": ("One text", "Another text")},
        at=Clock(device=AT),
    )
    return msgspec.json.encode(mutation).decode()


EXCEPTIONS: dict[str, Value] = {
    "work_order_assignment.team_id": None,  # a person or a team, never both
    "work_order_assignment.contractor_id": None,
    "calendar_event.person_id": lambda ground: ground.get("told", ground["person"]),
    "calendar_event.team_id": None,  # of a person or a team, never both
    "calendar_event.ends_at": "2026-03-02T16:00:00.000000Z",
    "entity_tag.asset_id": None,
    "custom_field_value.asset_id": None,
    "custom_field_value.number_value": None,
    "custom_field_value.date_value": None,
    "custom_field_value.choice_value": None,
    "custom_field_value.flag_value": None,
    "comment.asset_id": None,  # an order or an asset, never both
    "attachment.asset_id": None,
    "stock_location.owner_id": None,  # a store is nobody's van
    "service_request.work_order_id": None,  # nobody has decided
    "notification.person_id": lambda ground: ground.get("told", ground["person"]),
    "notification.received_on": lambda _: datetime.now(UTC).date().isoformat(),  # there are months for the present only
    "conflict.target_entity": "work_order",
    "conflict.target_id": lambda ground: ground["work_order"],
    "conflict.field": "title",
    "conflict.resolution": None,  # open
    "conflict.resolved_value": None,
    "person_permission.resource": "work_order",
    "person_permission.action": "review",
    "held_mutation.author_id": lambda ground: ground["person"],
    "held_mutation.site_id": lambda ground: ground["site"],
    "held_mutation.target_aggregate_id": lambda ground: ground["work_order"],
    "held_mutation.decision": None,  # open
    "held_mutation.body": lambda ground: _held_body(ground["work_order"], ground["person"]),
}
"""Entity and column → a value that no declaration tells."""

IDS: dict[str, Callable[[Ground], str]] = {
    "asset_stub": lambda ground: stub_id(ground["asset"]),
    "entity_tag": lambda ground: attached_id("entity_tag", ground["work_order"], ground["tag"]),
    "custom_field_value": lambda ground: attached_id(
        "custom_field_value", ground["work_order"], ground["custom_field"]
    ),
    "stock_level": lambda ground: level_id(ground["stock_location"], ground["part"]),
}
"""Entities whose ids follow from what they are about."""

PLAIN: dict[str, Scalar] = {
    "json": "[]",
    "boolean": False,
    "decimal": "1.0000",
    "instant": AT,
    "date": "2026-03-02",
}
"""Kind of column → a value that is always valid."""


def built(entity: str, organization_id: str, ground: Ground, *, name: str = "", **values: Scalar) -> Row:
    """Build a whole row. `name`: tells several rows of an entity apart; `values` stand in for what would be built."""
    spec = REGISTRY[entity]
    row_id = str(values.pop("id", None) or _id(entity, organization_id, ground, name))
    own = {
        column.name: _value(entity, column, organization_id, ground, name)
        for column in spec.columns
        if column.name not in COMMON and column.default is None
    }
    aggregate_id = row_id if spec.is_root and len(spec.aggregates) == 1 else ground[spec.aggregates[0]]
    audit: Row = {"id": row_id, "aggregate_id": aggregate_id, "created_at": AT, "updated_at": AT}
    return completed(spec, {**audit, **own, **values})


def _id(entity: str, organization_id: str, ground: Ground, name: str) -> str:
    if entity in IDS and not name:
        return IDS[entity](ground)
    return str(uuid.uuid5(uuid.UUID(organization_id), f"{entity}/{name}"))


def _value(entity: str, column: ColumnSpec, organization_id: str, ground: Ground, name: str) -> Scalar:
    place = f"{entity}.{column.name}"
    if place in EXCEPTIONS:
        value = EXCEPTIONS[place]
        return value(ground) if callable(value) else value
    if column.references is not None:
        return None if column.references == entity and column.nullable else ground[column.references]
    if column.nullable and column.merge is Merge.DERIVED:
        return None  # policies write it, when there is something to write
    if column.kind == "guid":
        return str(uuid.uuid5(uuid.UUID(organization_id), f"{place}/{name}"))
    if column.kind == "text":
        return column.words[0] if column.words else f"{column.name} of a {entity} {name}".strip()[: column.characters]
    return PLAIN[column.kind] if column.kind in PLAIN else _number(column)


def _number(column: ColumnSpec) -> int | float:
    """Give 1, or the bound next to it."""
    least, most = column.bounds
    number = max(1.0, least) if least is not None else 1.0
    number = min(number, most) if most is not None else number
    return float(number) if column.kind == "double" else int(number)


def others(column: ColumnSpec, value: Scalar) -> tuple[Scalar, Scalar] | None:
    """Give two valid values of a column that differ from one and from each other; None: it has not so many."""
    if column.words:
        found = [word for word in column.words if word != value]
        return (found[0], found[1]) if len(found) > 1 else None
    pairs: dict[str, tuple[Scalar, Scalar]] = {
        "text": ("One text", "Another text"),
        "integer": (2, 3),
        "bigint": (2, 3),
        "decimal": ("2.0000", "3.0000"),
        "double": (2.5, 3.5),
        "date": ("2026-04-01", "2026-05-01"),
        "instant": ("2026-04-01T08:00:00.000000Z", "2026-05-01T08:00:00.000000Z"),
    }
    return pairs.get(column.kind)


def changeable(entity: str) -> tuple[ColumnSpec, Scalar, Scalar] | None:
    """Give a column about which two people may differ, with two values; None: the entity has none.

    Fields before planning data, and none that moves the row or names another.
    """
    columns = sorted(REGISTRY[entity].columns, key=lambda column: column.merge is Merge.OFFICE_WINS)
    for column in columns:
        if column.merge in {Merge.FIELD, Merge.OFFICE_WINS} and column.references is None:
            pair = others(column, column.words[0] if column.words else None)
            if pair is not None and column.name != REGISTRY[entity].natural_key:
                return column, *pair
    return None
