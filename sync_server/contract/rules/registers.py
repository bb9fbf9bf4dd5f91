"""Fields as registers: setting them three-way, and keeping what loses (product.md §6)."""

import msgspec

from sync_server.contract.codec import InvalidValueError, checked, completed, json_scalar, scalar_of
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, EntitySpec, Merge, Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules import clocks, status
from sync_server.contract.rules.draft import Actor, Draft, derived_id
from sync_server.contract.rules.merge import Fate, merge_field

AUDIT_PAIRS = frozenset({"answered_at", "answered_by", "answered_offset_ms"})
"""Fields that follow the answer they belong to: last applied wins, never a conflict of their own."""


class Refusal(Exception):  # noqa: N818 - a verdict, not a fault
    """The policy refuses a mutation; caught in policy.decide."""

    def __init__(self, code: str, sentence: str) -> None:
        """Carry the problem."""
        super().__init__(sentence)
        self.problem = Problem(code, sentence)


def set_fields(mutation: Mutation, draft: Draft, *, spec: EntitySpec, row: Row, actor: Actor, at: str) -> Row:
    """Merge every field of a `set` into a row and lay the result over it. Conflicts go to the draft."""
    result = dict(row)
    has_lost = False
    for name, (old, new) in sorted(mutation.set.items(), key=lambda item: item[0] in AUDIT_PAIRS):
        column = spec.by_name.get(name)
        if column is None:
            continue  # a newer client's column
        if column.merge in {Merge.FIXED, Merge.DERIVED}:
            raise InvalidValueError(f"{name} cannot be changed")
        value = checked(column, new)
        if name == "answered_by" and value is not None:
            value = actor.person_id  # nobody answers in the name of another
        if name in AUDIT_PAIRS:
            result[name] = result[name] if has_lost else value
            continue
        result[name], kind = _merge(column, row=result, pair=(old, value), draft=draft, mutation=mutation, actor=actor)
        if kind is not None:
            has_lost = True
            keep_conflict(mutation, draft, row=row, column=column, pair=(old, value), kind=kind, actor=actor, at=at)
    result |= {"updated_at": at, "updated_by": actor.person_id}
    draft.put(spec.name, result)
    return result


def _merge(
    column: ColumnSpec, *, row: Row, pair: tuple[Scalar, Scalar], draft: Draft, mutation: Mutation, actor: Actor
) -> tuple[Scalar, str | None]:
    """Give the value that stands and, where the mutation's value lost, the kind of conflict."""
    current = row[column.name]
    if column.merge is Merge.STATUS:
        problem = None if current == pair[1] else _move_problem(row, str(pair[1]), mutation, actor)
        return (current, "status") if problem else (pair[1], None)
    is_in_order = "work_order" in REGISTRY[mutation.entity].aggregates
    root = draft.get("work_order", mutation.aggregate_id) if is_in_order else None
    is_office = actor.is_office_at((root or row).get("site_id"))
    fate, value = merge_field(column, current=current, old=pair[0], new=pair[1], is_office=is_office)
    return value, {Fate.CONFLICT: "field", Fate.REQUEST: "request"}.get(fate)


def _move_problem(row: Row, new: str, mutation: Mutation, actor: Actor) -> Problem | None:
    reason = mutation.set.get("status_reason", (None, None))[1]
    role = working_role(actor, row["site_id"])
    problem = status.may_move(str(row["status"]), new, role=role, reason=reason if isinstance(reason, str) else None)
    if problem is None and row["requires_signature"]:
        if new == "completed" and (row["performed_signature_id"] is None or row["is_signature_stale"]):
            return Problem("sign_off_required", "The work has to be signed before the order is completed.")
        if new == "closed" and row["approved_signature_id"] is None:
            return Problem("sign_off_required", "A supervisor has to sign the order off before it is closed.")
    return problem


def working_role(actor: Actor, site_id: Scalar) -> str:
    """Role in which somebody moves an order. Away from his sites he was assigned, and works like a technician."""
    return actor.role_at(site_id) or ("customer" if actor.role == "customer" else "technician")


def check_first_state(row: Row, actor: Actor) -> None:
    """Check the state that a new order is made in. Raises Refusal for one that it cannot have come to from `new`."""
    reason = row["status_reason"]
    role = working_role(actor, row["site_id"])
    problem = status.may_move("new", str(row["status"]), role=role, reason=reason if isinstance(reason, str) else None)
    if problem is not None:
        raise Refusal(problem.code, problem.sentence)


def answer(
    mutation: Mutation,
    draft: Draft,
    *,
    spec: EntitySpec,
    row: Row,
    result: tuple[Scalar, Scalar],
    actor: Actor,
    at: str,
) -> None:
    """Merge one answer of *set all OK*."""
    column = spec.by_name["result"]
    value = checked(column, result[1])
    fate, merged = merge_field(column, current=row["result"], old=result[0], new=value, is_office=False)
    if fate is Fate.CONFLICT:
        keep_conflict(
            mutation, draft, row=row, column=column, pair=(result[0], value), kind="field", actor=actor, at=at
        )
        return
    if fate is Fate.APPLY:
        is_answered = merged is not None
        audit = {
            "answered_at": clocks.device_at(mutation) if is_answered else None,
            "answered_by": actor.person_id if is_answered else None,
            "answered_offset_ms": clocks.offset_of(mutation) if is_answered else None,
        }
        draft.change("checklist_item", row, result=merged, updated_at=at, updated_by=actor.person_id, **audit)


def keep_conflict(
    mutation: Mutation,
    draft: Draft,
    *,
    row: Row,
    column: ColumnSpec,
    pair: tuple[Scalar, Scalar],
    kind: str,
    actor: Actor,
    at: str,
) -> None:
    """Keep the losing value in a conflict row of the same aggregate. Its id is the same on every delivery."""
    _keep(
        mutation,
        draft,
        actor=actor,
        at=at,
        target_entity="checklist_item" if mutation.type == "checklist.answer_all" else mutation.entity,
        target_id=row["id"],
        field=column.name,
        kind=kind,
        base_value=json_scalar(pair[0]),
        mine_value=json_scalar(pair[1]),
        theirs_value=json_scalar(row[column.name]),
    )


def keep_edit_of_deleted(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> None:
    """Somebody deleted the row meanwhile: it stays deleted, the edit is kept for *restore*."""
    known = REGISTRY[mutation.entity].by_name
    for name, (old, new) in mutation.set.items():
        if name not in known:
            continue  # a newer client's column
        _keep(
            mutation,
            draft,
            actor=actor,
            at=at,
            target_entity=mutation.entity,
            target_id=mutation.id,
            field=name,
            kind="deleted",
            base_value=json_scalar(old),
            mine_value=json_scalar(new),
            theirs_value=None,
        )


def _keep(mutation: Mutation, draft: Draft, *, actor: Actor, at: str, **values: Scalar) -> None:
    conflict_id = derived_id(mutation.mutation_id, f"conflict:{values['target_id']}:{values['field']}")
    audit = {"created_at": at, "created_by": actor.person_id, "updated_at": at, "updated_by": actor.person_id}
    row: Row = {"id": conflict_id, "aggregate_id": mutation.aggregate_id, "mutation_id": mutation.mutation_id}
    row |= {"device_at": clocks.device_at(mutation), "offset_ms": clocks.offset_of(mutation)}
    draft.conflicts.append(completed(REGISTRY["conflict"], {**row, **audit, "author_id": actor.person_id, **values}))


def resolve(mutation: Mutation, draft: Draft, *, conflict: Row, actor: Actor, at: str) -> Mutation | None:
    """Settle a conflict, and write the chosen value three-way into its target unless what stands is kept.

    `resolved_value` carries JSON texts: old = the target's value that the person saw, new = the value he chose.

    Returns:
        The settling as an edit of the target, which the draft holds already; None: the target keeps what it has.
    """
    if conflict["resolution"] is not None:
        raise Refusal("already_exists", "Somebody settled this conflict before. Look at the order's history.")
    columns = REGISTRY["conflict"].by_name
    said = {name: mutation.set.get(name, (None, None))[1] for name in ("resolution", "resolved_value", "reason")}
    settled = {name: checked(columns[name], value) for name, value in said.items()}
    if settled["resolution"] is None:
        raise InvalidValueError("resolution must not be empty")
    edit = None if settled["resolution"] == "theirs" else _edit_target(mutation, draft, conflict, actor, at)
    audit: Row = {"resolved_by": actor.person_id, "resolved_at": at, "updated_at": at, "updated_by": actor.person_id}
    audit |= {"resolved_device_at": clocks.device_at(mutation), "resolved_offset_ms": clocks.offset_of(mutation)}
    draft.change("conflict", conflict, **settled, **audit)
    return edit


def _edit_target(mutation: Mutation, draft: Draft, conflict: Row, actor: Actor, at: str) -> Mutation:
    """Write the chosen value; a deleted target is restored, a state takes the reason along."""
    entity, field = str(conflict["target_entity"]), str(conflict["field"])
    spec = REGISTRY.get(entity)
    target = draft.get(entity, str(conflict["target_id"])) if spec is not None else None
    if spec is None or target is None or target["aggregate_id"] != conflict["aggregate_id"] or field not in target:
        raise Refusal("not_found", "The record of this conflict does not exist any more.")
    seen, chosen = _chosen(mutation)
    changes = {field: (target[field] if conflict["kind"] == "deleted" else seen, chosen)}
    if conflict["kind"] == "status":
        changes["status_reason"] = (target["status_reason"], mutation.set.get("reason", (None, None))[1])
    edit = msgspec.structs.replace(mutation, type=f"{entity}.set", entity=entity, id=str(target["id"]), set=changes)
    row = {**target, "deleted_at": None} if conflict["kind"] == "deleted" else target
    set_fields(edit, draft, spec=spec, row=row, actor=actor, at=at)
    return edit


def _chosen(mutation: Mutation) -> tuple[Scalar, Scalar]:
    try:
        seen, chosen = (None if text is None else scalar_of(str(text)) for text in mutation.set["resolved_value"])
    except (KeyError, ValueError, RecursionError) as error:
        raise InvalidValueError("resolved_value must be the JSON of one value") from error
    return seen, chosen
