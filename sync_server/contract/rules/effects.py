"""What a change brings with it: stock levels, stubs, signature states, stamps of the order's states."""

from decimal import Decimal

from sync_server.contract.codec import DECIMAL_LIMIT, InvalidValueError, completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules.draft import Actor, Draft, derived_id, level_id, stub_id
from sync_server.contract.rules.registers import AUDIT_PAIRS

SIGNED_CONTENT = frozenset({"checklist", "checklist_item", "work_log", "stock_movement"})
"""Entities whose rows a performer's signature covers."""
SIGNED_FIELDS = frozenset({"completion_note", "asset_id"})
"""Fields of the order itself that it covers."""
_SIGNED = SIGNED_CONTENT | {"work_order"}
STAMPS = AUDIT_PAIRS | {"updated_at", "updated_by"}
"""Fields that say who and when, not what: repeating an answer changes nothing that was signed."""
STUB_FIELDS = ("site_id", "code", "name", "serial", "qr_code", "asset_type_id", "deleted_at")


def after_create(mutation: Mutation, draft: Draft, *, row: Row, root: Row | None, actor: Actor, at: str) -> None:
    """Carry out what the creation of a row brings with it."""
    if mutation.entity == "stock_movement":
        post_movement(mutation, draft, row=row, actor=actor, at=at)
    if mutation.entity == "asset":
        _write_stub(draft, row, actor, at)
    if mutation.entity == "signature" and root is not None:
        _note_signature(draft, root, row)
    elif mutation.entity in SIGNED_CONTENT:
        mark_stale(draft, mutation.aggregate_id)


def after_set(mutation: Mutation, draft: Draft, *, before: Row, after: Row, actor: Actor, at: str) -> None:
    """Carry out what the change of a row brings with it."""
    if mutation.entity == "asset":
        _write_stub(draft, after, actor, at)
    if mutation.entity == "work_order":
        _stamp_states(draft, before, after, at)
    if mutation.entity not in _SIGNED:
        return
    signed = SIGNED_FIELDS if mutation.entity == "work_order" else after.keys() - STAMPS
    if any(before[name] != after[name] for name in signed):
        mark_stale(draft, mutation.aggregate_id)


def after_delete(mutation: Mutation, draft: Draft, *, row: Row, actor: Actor, at: str) -> None:
    """Carry out what the deletion of a row brings with it."""
    if mutation.entity == "asset":
        _write_stub(draft, row, actor, at)
    if mutation.entity in SIGNED_CONTENT:
        mark_stale(draft, mutation.aggregate_id)


def post_movement(mutation: Mutation, draft: Draft, *, row: Row, actor: Actor, at: str) -> None:
    """Write the level that a movement changes. Below zero on an order, somebody is asked to bring the part."""
    location, part = str(row["stock_location_id"]), str(row["part_id"])
    key = level_id(location, part)
    level = draft.get("stock_level", key) or _new_level(key, location, part, actor, at)
    quantity = Decimal(str(level["quantity"])) + Decimal(str(row["quantity"]))
    draft.change(
        "stock_level", level, quantity=_text(quantity), deleted_at=None, updated_at=at, updated_by=actor.person_id
    )
    short = min(-quantity, -Decimal(str(row["quantity"])))
    if row["work_order_id"] is not None and short > 0:
        _request_part(mutation, draft, movement=row, short=short, actor=actor, at=at)


def part_request_id(mutation_id: str) -> str:
    """Id of the request for what a movement leaves missing; both sides compute it alike."""
    return derived_id(mutation_id, "part_request")


def _new_level(key: str, location: str, part: str, actor: Actor, at: str) -> Row:
    values: Row = {"id": key, "aggregate_id": key, "stock_location_id": location, "part_id": part}
    return completed(REGISTRY["stock_level"], values | _audit(actor, at))


def _request_part(mutation: Mutation, draft: Draft, *, movement: Row, short: Decimal, actor: Actor, at: str) -> None:
    key = part_request_id(mutation.mutation_id)
    if draft.get("part_request", key) is not None:
        return  # its id was taken by whoever knew it: nobody's record is written over, and the movement counts
    values: Row = {
        "id": key,
        "aggregate_id": mutation.aggregate_id,
        "work_order_id": movement["work_order_id"],
        "part_id": movement["part_id"],
        "stock_location_id": movement["stock_location_id"],
        "quantity": _text(short),
    }
    draft.put("part_request", completed(REGISTRY["part_request"], values | _audit(actor, at)))


def _write_stub(draft: Draft, asset: Row, actor: Actor, at: str) -> None:
    key = stub_id(str(asset["id"]))
    existing = draft.get("asset_stub", key)
    values: Row = {name: asset[name] for name in STUB_FIELDS}
    if existing is not None and all(existing[name] == value for name, value in values.items()):
        return
    made = existing or completed(REGISTRY["asset_stub"], {**_audit(actor, at), "id": key, "aggregate_id": key})
    audit = {"asset_id": asset["id"], "updated_at": at, "updated_by": actor.person_id}
    draft.put("asset_stub", {**made, **values, **audit})


def _note_signature(draft: Draft, root: Row, signature: Row) -> None:
    current = draft.get("work_order", str(root["id"])) or root
    if signature["meaning"] == "performed":
        draft.change("work_order", current, performed_signature_id=signature["id"], is_signature_stale=False)
    if signature["meaning"] == "approved":
        draft.change("work_order", current, approved_signature_id=signature["id"])


def mark_stale(draft: Draft, work_order_id: str) -> None:
    """Signed content was edited: the performer's signature no longer covers what stands."""
    order = draft.get("work_order", work_order_id)
    if order is not None and order["performed_signature_id"] is not None and not order["is_signature_stale"]:
        draft.change("work_order", order, is_signature_stale=True)


def _stamp_states(draft: Draft, before: Row, after: Row, at: str) -> None:
    if before["status"] == after["status"]:
        return
    stamps: dict[str, Scalar] = {}
    if after["status"] == "completed":
        stamps = {"completed_at": at}
    if after["status"] == "closed":
        stamps = {"closed_at": at}
    if after["status"] == "in_progress":
        stamps = {"completed_at": None, "closed_at": None, "approved_signature_id": None}
    if after["status"] == "in_progress" and before["status"] in {"completed", "closed"}:
        stamps |= {"performed_signature_id": None, "is_signature_stale": False}  # the work is signed anew
    if stamps:
        draft.change("work_order", after, **stamps)


def _audit(actor: Actor, at: str) -> Row:
    return {"created_at": at, "created_by": actor.person_id, "updated_at": at, "updated_by": actor.person_id}


def _text(number: Decimal) -> str:
    if abs(number) >= DECIMAL_LIMIT:
        raise InvalidValueError("the stock would be ten thousand million or more")
    return str(number.quantize(Decimal("0.0001")))
