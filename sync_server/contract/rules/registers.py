"""Fields as registers: setting them three-way, and keeping what loses (product.md §6)."""

from sync_server.contract.codec import InvalidValueError, checked, completed, json_scalar, scalar_of
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, EntitySpec, Merge, Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules import status
from sync_server.contract.rules.draft import Actor, Draft, derived_id
from sync_server.contract.rules.merge import Fate, merge_field

AUDIT_PAIRS = frozenset({"answered_at", "answered_by"})
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
    root = draft.get("work_order", mutation.aggregate_id) or row
    is_office = actor.is_office_at(root.get("site_id"))
    fate, value = merge_field(column, current=current, old=pair[0], new=pair[1], is_office=is_office)
    return value, {Fate.CONFLICT: "field", Fate.REQUEST: "request"}.get(fate)


def _move_problem(row: Row, new: str, mutation: Mutation, actor: Actor) -> Problem | None:
    reason = mutation.set.get("status_reason", (None, None))[1]
    role = actor.role_at(row["site_id"]) or actor.role
    problem = status.may_move(str(row["status"]), new, role=role, reason=reason if isinstance(reason, str) else None)
    if problem is None and row["requires_signature"]:
        if new == "completed" and row["performed_signature_id"] is None:
            return Problem("sign_off_required", "The work has to be signed before the order is completed.")
        if new == "closed" and row["approved_signature_id"] is None:
            return Problem("sign_off_required", "A supervisor has to sign the order off before it is closed.")
    return problem


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
    audit = {"answered_at": mutation.at.device, "answered_by": actor.person_id} if fate is Fate.APPLY else {}
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
        target_entity=_entity_of(mutation, draft, row),
        target_id=row["id"],
        field=column.name,
        kind=kind,
        base_value=json_scalar(pair[0]),
        mine_value=json_scalar(pair[1]),
        theirs_value=json_scalar(row[column.name]),
    )


def _entity_of(mutation: Mutation, draft: Draft, row: Row) -> str:
    if mutation.type == "checklist.answer_all":
        return "checklist_item"
    conflict = draft.get("conflict", mutation.id) if mutation.type == "conflict.resolve" else None
    return str(conflict["target_entity"]) if conflict else mutation.entity


def keep_edit_of_deleted(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> None:
    """Somebody deleted the row meanwhile: it stays deleted, the edit is kept for *restore*."""
    for name, (old, new) in mutation.set.items():
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
    draft.conflicts.append(completed(REGISTRY["conflict"], {**row, **audit, "author_id": actor.person_id, **values}))


def resolve(mutation: Mutation, draft: Draft, *, conflict: Row, actor: Actor, at: str) -> None:
    """Settle a conflict: write the chosen value three-way into its target, and mark the conflict as settled.

    `resolved_value` carries JSON texts: old = the target's value that the person saw, new = the value he chose.
    """
    if conflict["resolution"] is not None:
        raise Refusal("already_exists", "Somebody settled this conflict before. Look at the order's history.")
    entity, field = str(conflict["target_entity"]), str(conflict["field"])
    target = draft.get(entity, str(conflict["target_id"]))
    column = REGISTRY[entity].by_name.get(field) if entity in REGISTRY else None
    if target is None or column is None:
        raise Refusal("not_found", "The record of this conflict does not exist any more.")
    seen, chosen = (scalar_of(str(text)) if text is not None else None for text in mutation.set["resolved_value"])
    pair = (seen, checked(column, chosen))
    resolution = checked(REGISTRY["conflict"].by_name["resolution"], mutation.set["resolution"][1])
    if conflict["kind"] == "deleted" and resolution != "theirs":
        target = draft.change(entity, target, deleted_at=None, **{field: seen})
    value, kind = _merge(column, row=target, pair=pair, draft=draft, mutation=mutation, actor=actor)
    if kind is not None:
        keep_conflict(mutation, draft, row=target, column=column, pair=pair, kind=kind, actor=actor, at=at)
    draft.change(entity, target, **{field: value}, updated_at=at, updated_by=actor.person_id)
    _settle(mutation, draft, conflict=conflict, resolution=resolution, actor=actor, at=at)


def _settle(mutation: Mutation, draft: Draft, *, conflict: Row, resolution: Scalar, actor: Actor, at: str) -> None:
    reason = mutation.set.get("reason", (None, None))[1]
    draft.change(
        "conflict",
        conflict,
        resolution=resolution,
        resolved_value=mutation.set["resolved_value"][1],
        reason=checked(REGISTRY["conflict"].by_name["reason"], reason),
        resolved_by=actor.person_id,
        resolved_at=at,
        updated_at=at,
        updated_by=actor.person_id,
    )
