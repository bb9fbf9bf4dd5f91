"""What a mutation does to rows: one place, used by the server to apply and by the client to edit and to replay.

Pure: reads rows through a Draft, knows no clock and no database. `at` is the writer's instant in wire form; it goes
into audit columns only. Nothing here decides who may do it: see permission.py.
"""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from sync_server.contract.codec import GUID, InvalidValueError, checked, completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import EntitySpec, Merge, Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules import (
    arcs,
    assigning,
    attaching,
    conflicts,
    custom_fields,
    effects,
    fitting,
    metering,
    notifying,
    registers,
    requesting,
    settling,
    sign_off,
)
from sync_server.contract.rules.draft import Actor, Draft, Key, Rows, level_id, stub_id
from sync_server.contract.rules.matrix import is_permission
from sync_server.contract.rules.permission import APPENDED, FOLLOWS, UNDELETABLE, Place, actions_given
from sync_server.contract.rules.registers import Refusal
from sync_server.contract.version import MUTATION


class Outcome(msgspec.Struct, frozen=True):
    """What a mutation comes to. `changes` are whole rows; `conflicts` are conflict rows that only the server keeps."""

    status: str
    changes: dict[Key, Row]
    conflicts: tuple[Row, ...] = ()
    problem: Problem | None = None
    readings: tuple[Row, ...] = ()
    """For the history of meters, which only the server keeps."""

    @property
    def to_settle(self) -> tuple[Row, ...]:
        """Those of the conflicts that ask somebody; a merge of texts is only noted."""
        return tuple(row for row in self.conflicts if row["kind"] != conflicts.SOFT)


def reads(mutation: Mutation) -> tuple[Key, ...]:
    """Keys of the rows that a mutation needs at first sight, its root among them."""
    if mutation.entity not in REGISTRY:
        return ()
    keys = [*arcs.roots(mutation), (mutation.entity, mutation.id)]
    if mutation.type == "comment.create" and (answered := _new(mutation, "parent_id")):
        keys.append(("comment", answered))
    if mutation.type == "attachment.create" and (remark := _new(mutation, "comment_id")):
        keys.append(("comment", remark))
    if mutation.entity in _INSIDE and (inside := _new(mutation, _INSIDE[mutation.entity][0])):
        keys.append((_INSIDE[mutation.entity][1], inside))
    if mutation.type == "checklist.answer_all":
        keys += [("checklist_item", item_id) for item_id in mutation.set]
    if mutation.type == "stock_movement.create":
        location, part = (_new(mutation, name) for name in ("stock_location_id", "part_id"))
        keys += [("stock_level", level_id(location, part)), ("stock_location", location)] if location and part else []
        keys += [("part_request", effects.part_request_id(mutation.mutation_id))] if location and part else []
    if mutation.entity == "asset":
        keys.append(("asset_stub", stub_id(mutation.id)))
    if mutation.type == "custom_field_value.create" and (field_id := _new(mutation, "field_id")):
        keys.append(("custom_field", field_id))
    if mutation.entity == assigning.ASSIGNMENT:
        keys += assigning.reads(mutation)
    if mutation.entity == requesting.REQUEST:
        keys += requesting.reads(mutation)
    return tuple(dict.fromkeys(keys))


def more_reads(mutation: Mutation, rows: Rows) -> tuple[Key, ...]:
    """Keys that only a row already read can name: the target of a conflict, the field of a value, a signature."""
    if mutation.type == "signature.create":
        order = rows.get("work_order", mutation.aggregate_id)
        performed = order["performed_signature_id"] if order else None
        return (("signature", str(performed)),) if performed is not None else ()
    if mutation.type == "custom_field_value.set":
        value = rows.get("custom_field_value", mutation.id)
        return (("custom_field", str(value["field_id"])),) if value else ()
    if mutation.type != "conflict.resolve":
        return ()
    conflict = rows.get("conflict", mutation.id)
    if conflict is None:
        return ()
    entity, row_id = str(conflict["target_entity"]), str(conflict["target_id"])
    made = {"asset": ("asset_stub", stub_id(row_id)), assigning.ASSIGNMENT: (entity, assigning.made_id(mutation.id))}
    return ((entity, row_id), made[entity]) if entity in made else ((entity, row_id),)


def decide(mutation: Mutation, rows: Rows, *, actor: Actor, at: str) -> Outcome:
    """Apply a mutation in the present form (upcasting.py) to rows.

    Never raises for what a mutation says: it is refused with a sentence.
    """
    draft = Draft(rows)
    try:
        status = _handler(mutation)(mutation, draft, actor, at)
    except InvalidValueError as error:
        return Outcome("rejected", {}, problem=Problem("invalid_value", f"{error}."))
    except ArithmeticError:
        return Outcome("rejected", {}, problem=Problem("invalid_value", "A number is too large."))
    except Refusal as refusal:
        return Outcome("rejected", {}, problem=refusal.problem)
    outcome = Outcome(status, draft.changes, tuple(draft.conflicts), readings=tuple(draft.readings))
    if draft.conflicts:
        outcome = msgspec.structs.replace(outcome, status="conflict" if outcome.to_settle else "merged")
    return outcome


Handler = Callable[[Mutation, Draft, Actor, str], str]


def _handler(mutation: Mutation) -> Handler:
    return _handler_of(mutation.type, mutation.entity) if mutation.v == MUTATION else _unknown


@lru_cache(maxsize=512)
def _handler_of(type_: str, about: str) -> Handler:
    entity, _, verb = type_.rpartition(".")
    if entity != about or entity not in REGISTRY:
        return _unknown
    if type_ in _SPECIAL:
        return _SPECIAL[type_]
    return _kept if is_kept(type_) else _GENERIC.get(verb, _unknown)


def _unknown(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    raise Refusal("unknown_type", "This server does not know this kind of change. Update the server or the app.")


@lru_cache(maxsize=512)
def is_kept(type_: str) -> bool:
    """Whether a mutation of a type would write by itself what only follows from others."""
    is_written = type_.rpartition(".")[0] in KEPT and type_ not in _SPECIAL
    return is_written or type_ == "held_mutation.delete"


def _kept(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    raise Refusal(FOLLOWS.code, FOLLOWS.sentence)


def _create(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    spec = REGISTRY[mutation.entity]
    existing = draft.get(spec.name, mutation.id)
    if existing is not None and spec.name not in attaching.ATTACHED:
        raise Refusal("already_exists", "This record was already created.")
    root = _root_for(mutation, draft, spec)
    row = _new_row(mutation, spec, actor, at)
    if spec.name == custom_fields.VALUE:
        custom_fields.check(mutation, draft, row)
    if existing is not None:
        standing = attaching.put_again(draft, spec.name, standing=existing, actor=actor, at=at)
        if spec.name == custom_fields.VALUE:
            edit = custom_fields.as_edit(mutation, row)
            registers.set_fields(edit, draft, spec=spec, row=standing, actor=actor, at=at)
        _note_lost_root(mutation, draft, actor, at)
        return "applied"
    if spec.name == "work_order":
        registers.check_first_state(row, actor)
    if spec.name == "person_permission" and not is_permission(row["resource"], row["action"]):
        raise InvalidValueError("there is no such permission")
    fitting.check(spec.name, row)
    if spec.name == "signature" and root is not None:
        _check_signer(draft, row, root, actor)
    if spec.name == "comment":
        arcs.hang(draft, row)
    if spec.name == "attachment":
        arcs.hang_file(draft, row)
    draft.put(spec.name, row)
    effects.after_create(mutation, draft, row=row, root=root, actor=actor, at=at)
    _note_lost_root(mutation, draft, actor, at)
    return "applied"


def _note_lost_root(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> None:
    """Work on what was deleted meanwhile counts where it belongs; somebody is asked whether to bring it back."""
    for root in arcs.roots(mutation):
        conflicts.keep_work_on_deleted(mutation, draft, root=root, actor=actor, at=at)


def _check_signer(draft: Draft, signature: Row, order: Row, actor: Actor) -> None:
    """Who signs needs the right to; who carries the signature does not. The actor is the signer."""
    role = registers.working_role(actor, order["site_id"])
    said = "customer" if signature["meaning"] in {"accepted", "refused"} else role
    if signature["signer_role"] != said:
        raise Refusal("signature_invalid", f"The statement is signed as {signature['signer_role']}, not as {said}.")
    performed = order["performed_signature_id"]
    work = draft.get("signature", str(performed)) if performed is not None else None
    reason = signature["reason"]
    problem = sign_off.may_sign(
        meaning=str(signature["meaning"]),
        role_at_site=role,
        signer_id=actor.person_id,
        performer_id=str(work["signer_id"]) if work is not None else None,
        is_assigned=True,  # he holds the order: access decides that
        status=str(order["status"]),
        reason=reason if isinstance(reason, str) else None,
        given=actions_given(actor, "work_order", Place(order["site_id"], is_held=True)),
    )
    if problem is not None:
        raise Refusal(problem.code, problem.sentence)


def _new_row(mutation: Mutation, spec: EntitySpec, actor: Actor, at: str) -> Row:
    values: Row = {}
    for name, (_, new) in mutation.set.items():
        column = spec.by_name.get(name)
        if column is None:
            continue  # a newer client's column: this server does not know it yet
        if column.merge is Merge.DERIVED or name in {"id", "aggregate_id"}:
            raise InvalidValueError(f"{name} cannot be set")
        values[name] = checked(column, new)
    own_order = values.get("work_order_id")
    if spec.arc:
        arcs.check(spec, values, mutation.aggregate_id)
    elif "work_order" in spec.aggregates and own_order not in (None, mutation.aggregate_id):
        raise InvalidValueError("a record cannot belong to another order than its own")
    if spec.name == "stock_movement" and own_order is None:
        _check_level(mutation, values)
    row = completed(spec, values)
    row |= {"id": mutation.id, "aggregate_id": mutation.aggregate_id, "version": 0, "sync_seq": 0, "row_hash": 0}
    row |= {"created_at": at, "created_by": actor.person_id, "updated_at": at, "updated_by": actor.person_id}
    for column in spec.columns:
        if row[column.name] is None and not column.nullable:
            raise InvalidValueError(f"{column.name} must not be empty")
    if spec.name in attaching.ATTACHED:
        attaching.check_id(spec.name, row)
    return row


def _check_level(mutation: Mutation, movement: Row) -> None:
    """A movement without an order belongs to the level that it changes."""
    location, part = (str(movement.get(name)) for name in ("stock_location_id", "part_id"))
    if not GUID.fullmatch(location) or mutation.aggregate_id != level_id(location, part):
        raise InvalidValueError("a movement without an order belongs to its stock level")


def _root_for(mutation: Mutation, draft: Draft, spec: EntitySpec) -> Row | None:
    if spec.is_root:
        if mutation.aggregate_id != mutation.id:
            raise InvalidValueError("a root is its own aggregate")
        return None
    for root_entity, root_id in arcs.roots(mutation):
        root = draft.get(root_entity, root_id)
        if root is not None:
            return root
    if spec.name == "stock_movement" and mutation.set.get("work_order_id", (None, None))[1] is None:
        return None  # the first movement of a part at a place makes its level
    raise Refusal("not_found", "This record does not exist, or you may not see it.")  # nobody learns which


def _set(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    spec = REGISTRY[mutation.entity]
    row = _existing(mutation, draft)
    if spec.append_only:
        raise Refusal(APPENDED.code, APPENDED.sentence)
    if row["deleted_at"] is not None:
        conflicts.keep_edit_of_deleted(mutation, draft, row=row, actor=actor, at=at)
        return "conflict"
    changed = registers.set_fields(mutation, draft, spec=spec, row=row, actor=actor, at=at)
    if spec.name == custom_fields.VALUE:
        custom_fields.check(mutation, draft, changed)
    fitting.check(spec.name, changed, row)
    effects.after_set(mutation, draft, before=row, after=changed, actor=actor, at=at)
    _note_lost_root(mutation, draft, actor, at)
    return "merged" if int(row["version"] or 0) > mutation.base.version else "applied"


def _existing(mutation: Mutation, draft: Draft) -> Row:
    row = draft.get(mutation.entity, mutation.id)
    if row is None or row["aggregate_id"] != mutation.aggregate_id:
        raise Refusal("not_found", "This record does not exist, or you may not see it.")
    return row


def _delete(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    row = _existing(mutation, draft)
    if REGISTRY[mutation.entity].append_only:
        raise Refusal(UNDELETABLE.code, UNDELETABLE.sentence)
    if row["deleted_at"] is None:
        conflicts.keep_deletion_of_edited(mutation, draft, row=row, actor=actor, at=at)
        row = draft.change(mutation.entity, row, deleted_at=at, updated_at=at, updated_by=actor.person_id)
        effects.after_delete(mutation, draft, row=row, actor=actor, at=at)
    return "applied"


def _assign(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    """Change who has an order; whoever is not the office there only asks for it."""
    verb, spec = mutation.type.rpartition(".")[2], REGISTRY[mutation.entity]
    is_request = assigning.is_request(mutation, draft, actor)
    if not is_request and verb != "set":
        return _GENERIC[verb](mutation, draft, actor, at)
    if verb == "create":
        _root_for(mutation, draft, spec)
        if draft.get(spec.name, mutation.id) is not None:
            raise Refusal("already_exists", "This record was already created.")
        _new_row(mutation, spec, actor, at)
        row = None
    else:
        row = _existing(mutation, draft)
    if is_request:
        assigning.ask(mutation, draft, wanted=assigning.wanted_of(mutation), row=row, actor=actor, at=at)
    elif row is not None:
        assigning.reassign(mutation, draft, row=row, actor=actor, at=at)
    return "applied"


def _answer_all(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    spec = REGISTRY["checklist_item"]
    for item_id, (old, new) in mutation.set.items():
        row = draft.get("checklist_item", item_id)
        if row is None or row["aggregate_id"] != mutation.aggregate_id:
            continue  # no item of this list; the others still count
        if row["deleted_at"] is not None:
            conflicts.keep_answer_of_deleted(mutation, draft, row=row, result=(old, new), actor=actor, at=at)
            continue
        registers.answer(mutation, draft, spec=spec, row=row, result=(old, new), actor=actor, at=at)
    if draft.changes:
        effects.mark_stale(draft, mutation.aggregate_id)
    _note_lost_root(mutation, draft, actor, at)
    return "applied"


def _read_meter(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    metering.read(mutation, draft, meter=_existing(mutation, draft), actor=actor, at=at)
    _note_lost_root(mutation, draft, actor, at)
    return "applied"


def _set_request(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    if mutation.set.keys() & REGISTRY[mutation.entity].by_name.keys():
        raise Refusal(requesting.SAID_ONCE.code, requesting.SAID_ONCE.sentence)
    return _set(mutation, draft, actor, at)


def _step_request(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    requesting.step(mutation, draft, request=_existing(mutation, draft), actor=actor, at=at)
    return "applied"


def _read_notification(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    notifying.read(mutation, draft, notification=_existing(mutation, draft), actor=actor, at=at)
    return "applied"


def _resolve(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> str:
    conflict = _existing(mutation, draft)
    edit = settling.resolve(mutation, draft, conflict=conflict, actor=actor, at=at)
    before, after = (rows.get(edit.entity, edit.id) if edit else None for rows in (draft.rows, draft))
    if edit is not None and before is not None and after is not None:
        effects.after_set(edit, draft, before=before, after=after, actor=actor, at=at)
    return "applied"


def _new(mutation: Mutation, name: str) -> str | None:
    value: Scalar = mutation.set.get(name, (None, None))[1]
    return value if isinstance(value, str) and GUID.fullmatch(value) else None


_GENERIC: dict[str, Handler] = {"create": _create, "set": _set, "delete": _delete}
_SPECIAL: dict[str, Handler] = {
    "checklist.answer_all": _answer_all,
    "conflict.resolve": _resolve,
    metering.READ: _read_meter,
    notifying.READ: _read_notification,
    f"{requesting.REQUEST}.set": _set_request,
    **{f"{requesting.REQUEST}.{verb}": _step_request for verb in requesting.STEPS},
    **{f"{assigning.ASSIGNMENT}.{verb}": _assign for verb in _GENERIC},
}
_INSIDE = {
    "checklist_item": ("checklist_id", "checklist"),
    "work_log_event": ("work_log_id", "work_log"),
    "personal_value": ("signature_id", "signature"),
}
"""Entities whose rows name a row of their own aggregate, and which."""
KEPT = frozenset({"conflict", "stock_level", "asset_stub", notifying.NOTIFICATION})
"""Entities that policies and the server write, and nobody else: a mutation that names one is refused, but for settling
a conflict and saying that a notification was read."""
