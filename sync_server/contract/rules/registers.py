"""Fields as registers: setting them three-way; what loses is kept by conflicts.py (product.md §6)."""

from collections.abc import Iterable

from sync_server.contract.codec import InvalidValueError, checked, same
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import EntitySpec, Merge, Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules import clocks, status
from sync_server.contract.rules.conflicts import Pair, keep_conflict, keep_merge
from sync_server.contract.rules.draft import Actor, Draft, roots_of
from sync_server.contract.rules.merge import Fate, is_same, merge_field
from sync_server.contract.rules.permission import Place, actions_given, is_own, may_plan

AUDIT_PAIRS = frozenset({"answered_at", "answered_by", "answered_offset_ms"})
"""Fields that follow the answer they belong to: last applied wins, never a conflict of their own."""


_LOST = {Fate.CONFLICT: "field", Fate.REQUEST: "request", Fate.ILLEGAL: "status"}
"""Fates in which a value loses, with the kind of conflict."""


class Refusal(Exception):  # noqa: N818 - a verdict, not a fault
    """The policy refuses a mutation; caught in policy.decide."""

    def __init__(self, code: str, sentence: str) -> None:
        """Carry the problem."""
        super().__init__(sentence)
        self.problem = Problem(code, sentence)


def set_fields(
    mutation: Mutation,
    draft: Draft,
    *,
    spec: EntitySpec,
    row: Row,
    actor: Actor,
    at: str,
    is_choice: bool = False,
) -> Row:
    """Merge every field of a `set` into a row and lay the result over it. Conflicts go to the draft.

    A field that came along with its old value was not edited. `is_choice`: somebody chose it, so that it counts.
    """
    result = dict(row)
    has_lost, refused = False, ""
    for name, (old, new) in _in_order(mutation.set):
        column = spec.by_name.get(name)
        if column is None:
            continue  # a newer client's column
        if column.merge is Merge.FIXED or column.merge is Merge.DERIVED:
            raise InvalidValueError(f"{name} cannot be changed")
        value = checked(column, new)
        if name == "answered_by" and value is not None:
            value = actor.person_id  # nobody answers in the name of another
        if name in AUDIT_PAIRS:
            result[name] = result[name] if has_lost else value
            continue
        pair = Pair(column, old, value)
        if not is_choice and column.merge is not Merge.STATUS and is_same(column, value, old):
            continue
        if name == "status_reason" and refused:
            fate, result[name], cause = _reason_of_lost_state(pair, row[name]), row[name], refused
        else:
            fate, result[name], cause = _merge(pair, row=result, draft=draft, mutation=mutation, actor=actor)
        refused = cause if fate is Fate.ILLEGAL else refused
        if fate is Fate.MERGED:
            keep_merge(mutation, draft, row=row, pair=pair, merged=result[name], actor=actor, at=at)
        elif fate in _LOST:
            has_lost = True
            keep_conflict(mutation, draft, row=row, pair=pair, kind=_LOST[fate], cause=cause, actor=actor, at=at)
    result |= {"updated_at": at, "updated_by": actor.person_id}
    draft.put(spec.name, result)
    return result


def _in_order(fields: dict[str, tuple[Scalar, Scalar]]) -> Iterable[tuple[str, tuple[Scalar, Scalar]]]:
    """States before their reason, and who and when last: they follow what became of the others."""
    return fields.items() if len(fields) == 1 else sorted(fields.items(), key=_place)


def _place(item: tuple[str, object]) -> tuple[bool, bool]:
    return item[0] in AUDIT_PAIRS, item[0] != "status"


def _reason_of_lost_state(pair: Pair, current: Scalar) -> Fate:
    """The reason of a state that was not taken would explain another one; it is kept beside it."""
    return Fate.NOTHING if pair.new is None or same(pair.column, current, pair.new) else Fate.CONFLICT


def _merge(pair: Pair, *, row: Row, draft: Draft, mutation: Mutation, actor: Actor) -> tuple[Fate, Scalar, str]:
    """Give what becomes of the mutation's value, the value that stands, and where it lost, why."""
    column, current = pair.column, row[pair.column.name]
    if column.merge is Merge.STATUS:
        problem = None if current == pair.new else _move_problem(row, str(pair.new), mutation, actor)
        return (Fate.APPLY, pair.new, "") if problem is None else (Fate.ILLEGAL, current, problem.code)
    is_office = column.merge is Merge.OFFICE_WINS and _may_plan(mutation, row, draft, actor)
    fate, value = merge_field(column, current=current, old=pair.old, new=pair.new, is_office=is_office)
    return fate, value, "planning" if fate is Fate.REQUEST else "saved_first"


def _may_plan(mutation: Mutation, row: Row, draft: Draft, actor: Actor) -> bool:
    is_in_order = "work_order" in REGISTRY[mutation.entity].aggregates  # access decides who holds it
    place = Place(_site_of(mutation, row, draft), is_held=is_in_order, is_own=is_own(actor, row))
    return may_plan(actor, mutation.entity, place) is None


def _site_of(mutation: Mutation, row: Row, draft: Draft) -> Scalar:
    """Site whose office plans a row: its own, or that of the root that it hangs on."""
    if row.get("site_id") is not None:
        return row["site_id"]
    roots = (draft.get(*key) for key in roots_of(mutation.entity, mutation.aggregate_id))
    root = next((each for each in roots if each is not None), row)
    return root.get("site_id")


def _move_problem(row: Row, new: str, mutation: Mutation, actor: Actor) -> Problem | None:
    reason = mutation.set.get("status_reason", (None, None))[1]
    role = working_role(actor, row["site_id"])
    said = reason if isinstance(reason, str) else None
    given = actions_given(actor, "work_order", Place(row["site_id"], is_held=True))  # access decides who holds it
    problem = status.may_move(str(row["status"]), new, role=role, reason=said, given=given)
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
    said = reason if isinstance(reason, str) else None
    given = actions_given(actor, "work_order", Place(row["site_id"], is_held=True))
    problem = status.may_move("new", str(row["status"]), role=role, reason=said, given=given)
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
        pair = Pair(column, result[0], value)
        keep_conflict(mutation, draft, row=row, pair=pair, kind="field", cause="saved_first", actor=actor, at=at)
        return
    if fate is Fate.APPLY:
        is_answered = merged is not None
        audit = {
            "answered_at": clocks.device_at(mutation) if is_answered else None,
            "answered_by": actor.person_id if is_answered else None,
            "answered_offset_ms": clocks.offset_of(mutation) if is_answered else None,
        }
        draft.change("checklist_item", row, result=merged, updated_at=at, updated_by=actor.person_id, **audit)
