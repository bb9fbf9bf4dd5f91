"""Changes that a push may carry: some that people make every day, and any others that the declarations allow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, Merge, Scalar
from tests.fuzz.hand import Hand
from tests.support.device_side import AT, Json

OWN: Final = 0.6
DAILY_SHARE: Final = 0.6


def a_mutation(hand: Hand) -> Json:
    """Make one, unsealed."""
    made = hand.dice.choice(DAILY)(hand) if hand.chance(DAILY_SHARE) else _any(hand)
    if hand.chance(0.08):
        made["group"] = hand.id("group")
    if hand.chance(0.04):
        made["mutation_id"] = hand.id("mutation_id")
    if hand.chance(0.05):
        made["signer"] = {"user": hand.id("person"), "device": hand.id("device")}
    if hand.chance(0.05):
        made["base"]["epoch"] = hand.id("epoch")
    if hand.chance(0.03):
        made["blobs"] = [hand.id("sha256")]
    if hand.chance(0.03):
        made["depends"] = [hand.id("mutation_id")]
    return made


def _mutation(hand: Hand, type_: str, row_id: str, aggregate_id: str, values: dict[str, tuple[Scalar, Scalar]]) -> Json:
    mirror = hand.actor.client.mirror
    mutation_id = hand.fresh()
    return {
        "mutation_id": mutation_id,
        "device": hand.actor.client.device.id,
        "user": hand.actor.person_id,
        "signer": None,
        "group": mutation_id,
        "type": type_,
        "v": hand.dice.choice([1, 2, 2]),
        "aggregate_id": aggregate_id,
        "entity": type_.rpartition(".")[0],
        "id": row_id,
        "base": {"epoch": mirror.epoch, "version": hand.dice.choice([0, 1, 2]), "seq": mirror.seq},
        "set": values,
        "depends": [],
        "at": AT,
        "blobs": [],
    }


def _create(hand: Hand, entity: str, aggregate_id: str | None, **values: Scalar) -> Json:
    row_id = hand.fresh()
    pairs: dict[str, tuple[Scalar, Scalar]] = {name: (None, value) for name, value in values.items()}
    return _mutation(hand, f"{entity}.create", row_id, aggregate_id or row_id, pairs)


def _remark(hand: Hand) -> Json:
    order = hand.id("work_order", own=OWN)
    author = hand.id("person") if hand.chance(0.2) else hand.actor.person_id
    values: dict[str, Scalar] = {
        "work_order_id": order,
        "author_id": author,
        "text": "Said.",
        "written_at": AT["device"],
    }
    if hand.chance(0.3):
        values["parent_id"] = hand.id("comment", own=OWN)
    return _create(hand, "comment", order, **values)


def _photo(hand: Hand) -> Json:
    order = hand.id("work_order", own=OWN)
    said: dict[str, Scalar] = {"work_order_id": order, "author_id": hand.actor.person_id, "sha256": hand.id("sha256")}
    said |= {"media_type": "image/png", "size_bytes": 9, "taken_at": AT["device"]}
    return _create(hand, "attachment", order, **said)


def _edit(hand: Hand) -> Json:
    thing = hand.thing("work_order", own=OWN)
    assert thing.row is not None
    field = hand.dice.choice(
        ["title", "description", "priority", "site_id", "asset_id", "location_id", "number", "status"]
    )
    return _set(hand, "work_order", thing.value, {field: (thing.row[field], _value(hand, "work_order", field))})


def _assignment(hand: Hand) -> Json:
    order = hand.id("work_order", own=OWN)
    whom = hand.dice.choice(["person", "team"])
    return _create(hand, "work_order_assignment", order, work_order_id=order, **{f"{whom}_id": hand.id(whom)})


def _movement(hand: Hand) -> Json:
    order, place = hand.id("work_order", own=OWN), hand.id("stock_location", own=OWN)
    said: dict[str, Scalar] = {"stock_location_id": place, "part_id": hand.id("part", own=OWN), "kind": "usage"}
    return _create(
        hand, "stock_movement", order, work_order_id=order, quantity="-1.0000", moved_at=AT["device"], **said
    )


def _new_order(hand: Hand) -> Json:
    number = hand.id("text") if hand.chance(0.5) else hand.fresh()
    values: dict[str, Scalar] = {"number": number, "title": "Fuzz", "site_id": hand.id("site", own=OWN)}
    if hand.chance(0.5):
        values["asset_id"] = hand.id("asset", own=OWN)
    return _create(hand, "work_order", None, **values)


def _delete(hand: Hand) -> Json:
    entity = hand.dice.choice(sorted(REGISTRY))
    thing = hand.thing(entity)
    return _mutation(hand, f"{entity}.delete", thing.value, _aggregate(hand, entity, thing.value), {})


def _answers(hand: Hand) -> Json:
    checklist = hand.id("checklist", own=OWN)
    item = hand.id("checklist_item", own=OWN)
    order = hand.id("work_order", own=OWN)
    made = _mutation(hand, "checklist.answer_all", checklist, order, {item: (None, "pass")})
    return {**made, "entity": "checklist"}


def _settling(hand: Hand) -> Json:
    conflict, order = hand.id("conflict", own=OWN), hand.id("work_order", own=OWN)
    return {
        **_mutation(hand, "conflict.resolve", conflict, order, {"resolution": (None, "mine")}),
        "entity": "conflict",
    }


def _decision(hand: Hand) -> Json:
    held = hand.id("held_mutation", own=OWN)
    return _set(hand, "held_mutation", held, {"decision": (None, "approved")}, aggregate_id=held)


DAILY: Final[tuple[Callable[[Hand], Json], ...]] = (
    _remark,
    _photo,
    _edit,
    _edit,
    _assignment,
    _movement,
    _new_order,
    _delete,
    _answers,
    _settling,
    _decision,
)


def _set(
    hand: Hand, entity: str, row_id: str, values: dict[str, tuple[Scalar, Scalar]], *, aggregate_id: str | None = None
) -> Json:
    return _mutation(hand, f"{entity}.set", row_id, aggregate_id or _aggregate(hand, entity, row_id), values)


def _aggregate(hand: Hand, entity: str, row_id: str) -> str:
    """Its own id for a root, else any root that may hold such a row."""
    spec = REGISTRY[entity]
    return row_id if spec.is_root else hand.id(hand.dice.choice(spec.aggregates), own=OWN)


def _any(hand: Hand) -> Json:
    """Make any change of any entity; most of them have no sense."""
    entity = hand.dice.choice(sorted(REGISTRY))
    columns = [column for column in REGISTRY[entity].columns[10:] if column.merge is not Merge.DERIVED]
    if hand.chance(0.5):
        needed = [column for column in columns if not column.nullable or hand.chance(0.3)]
        values = {column.name: _value(hand, entity, column.name) for column in needed}
        spec = REGISTRY[entity]
        root = None if spec.is_root else hand.id(hand.dice.choice(spec.aggregates), own=OWN)
        return _create(hand, entity, root, **values)
    thing = hand.thing(entity, own=OWN)
    chosen = hand.dice.sample(columns, min(len(columns), hand.dice.randint(1, 2)))
    pairs = {column.name: ((thing.row or {}).get(column.name), _value(hand, entity, column.name)) for column in chosen}
    return _set(hand, entity, thing.value, pairs)


def _value(hand: Hand, entity: str, name: str) -> Scalar:
    """Choose a value that a column takes."""
    column: ColumnSpec = REGISTRY[entity].by_name[name]
    if column.kind == "guid":
        pointed = column.references or ("person" if name.endswith(("_by", "author_id")) else "work_order")
        return hand.id(pointed, own=OWN)
    if column.words:
        return hand.dice.choice(column.words)
    if column.kind in {"text", "json"}:
        text = hand.id("text")[: column.characters]
        return json.dumps([text]) if column.kind == "json" else text
    plain: dict[str, Scalar] = {
        "decimal": "1.5000",
        "instant": AT["device"],
        "date": "2026-03-02",
        "boolean": hand.chance(0.5),
        "double": 1.5,
    }
    return plain.get(column.kind, hand.dice.randint(0, 3))
