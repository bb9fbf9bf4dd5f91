"""Settling a conflict: one value stands, all of them stay readable in the conflict row.

The chosen value goes into its field three-way like any edit, so that a settling which rests on what has changed since
makes a new conflict. Never writes what an edit of the same person could not.
"""

import msgspec

from sync_server.contract.codec import InvalidValueError, checked, scalar_of
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules import assigning, clocks, conflicts, custom_fields, fitting
from sync_server.contract.rules.draft import Actor, Draft, roots_of
from sync_server.contract.rules.permission import Place, actions_given
from sync_server.contract.rules.registers import Refusal, set_fields

ONLY_OFFICE_PLANS = "Only the office plans this. The request stays here for a planner."
ONLY_OFFICE_RESTORES = "Only the office brings back what it deleted. What was entered stays readable."
ANSWER = frozenset({"result", "value", "note", "photo_sha256"})
"""What a person enters for a checklist item."""
OF_ANOTHER_ROW = 2**31 - 1
"""Base version of an edit whose mutation speaks of the conflict's version, not of the target's."""


def resolve(mutation: Mutation, draft: Draft, *, conflict: Row, actor: Actor, at: str) -> Mutation | None:
    """Settle a conflict, and write the chosen value three-way into its target unless what stands is kept.

    `resolved_value` carries JSON texts: old = the target's value that the person saw, new = the value he chose.

    Returns:
        The settling as an edit of the target, which the draft holds already; None: the target keeps what it has, or
        somebody else has the order now.
    """
    columns = REGISTRY["conflict"].by_name
    said = {name: mutation.set.get(name, (None, None))[1] for name in ("resolution", "resolved_value", "reason")}
    settled = {name: checked(columns[name], value) for name, value in said.items()}
    if settled["resolution"] is None:
        raise InvalidValueError("resolution must not be empty")
    if conflict["resolution"] is not None:
        _check_same(conflict, settled)
        return None
    if conflict["kind"] == "request":
        _check_may_answer(draft, conflict, actor, is_declined=settled["resolution"] == "theirs")
    is_request = conflict["target_entity"] == assigning.ASSIGNMENT and conflict["kind"] == "request"
    edit = None
    if settled["resolution"] != "theirs" and is_request:
        assigning.grant(mutation, draft, conflict=conflict, actor=actor, at=at)
    elif settled["resolution"] != "theirs":
        edit = _edit_target(mutation, draft, conflict, actor, at)
    if edit is not None and settled["resolution"] == "mine":
        _name_author(draft, conflict, edit)
    audit: Row = {"resolved_by": actor.person_id, "resolved_at": at, "updated_at": at, "updated_by": actor.person_id}
    audit |= {"resolved_device_at": clocks.device_at(mutation), "resolved_offset_ms": clocks.offset_of(mutation)}
    draft.change("conflict", conflict, **settled, **audit)
    return edit


def _check_same(conflict: Row, settled: Row) -> None:
    """Two people settled it alike: nothing is left to say. Raises Refusal for what the first settling does not hold."""
    has_reason = settled["reason"] not in {None, conflict["reason"]}
    if has_reason or any(settled[name] != conflict[name] for name in ("resolution", "resolved_value")):
        raise Refusal("already_exists", "Somebody settled this conflict before. Look at the order's history.")


def _edit_target(mutation: Mutation, draft: Draft, conflict: Row, actor: Actor, at: str) -> Mutation:
    """Write the chosen value; a deleted target is restored, a state takes the reason along."""
    entity, field = str(conflict["target_entity"]), str(conflict["field"])
    spec = REGISTRY.get(entity)
    target = draft.get(entity, str(conflict["target_id"])) if spec is not None else None
    if spec is None or target is None or target["aggregate_id"] != conflict["aggregate_id"] or field not in target:
        raise Refusal("not_found", "The record of this conflict does not exist any more.")
    is_gone = target["deleted_at"] is not None
    if is_gone and conflict["kind"] == "deleted":
        _check_may_restore(draft, conflict, actor)
    edit = _edit(mutation, conflict, target)
    if is_gone and conflict["kind"] != "deleted":
        conflicts.keep_edit_of_deleted(edit, draft, row=target, actor=actor, at=at)
        return edit
    row = {**target, "deleted_at": None} if is_gone else target
    if conflict["kind"] == "deleted" and field == conflicts.WHOLE_ROW:
        draft.change(entity, row, updated_at=at, updated_by=actor.person_id)
    else:
        chosen = set_fields(edit, draft, spec=spec, row=row, actor=actor, at=at, is_choice=True)
        if entity == custom_fields.VALUE:
            custom_fields.check(edit, draft, chosen)
        fitting.check(entity, chosen, target)
    return edit


def _name_author(draft: Draft, conflict: Row, edit: Mutation) -> None:
    """An answer that stands after all is its author's, given when he gave it: not of whoever settled it."""
    item = draft.get(edit.entity, edit.id) if edit.entity == "checklist_item" else None
    field = str(conflict["field"])
    if item is None or field not in ANSWER or conflict["device_at"] is None or item[field] != edit.set[field][1]:
        return
    when = {"answered_at": conflict["device_at"], "answered_offset_ms": conflict["offset_ms"]}
    draft.change("checklist_item", item, answered_by=conflict["author_id"], **when)


def _edit(mutation: Mutation, conflict: Row, target: Row) -> Mutation:
    """The settling as an edit of the target, from the value that the person saw there."""
    entity, field = str(conflict["target_entity"]), str(conflict["field"])
    seen, chosen = _chosen(mutation)
    changes = {field: (seen if target["deleted_at"] is None else target[field], chosen)}
    if conflict["kind"] == "status":
        changes["status_reason"] = (target["status_reason"], mutation.set.get("reason", (None, None))[1])
    base = msgspec.structs.replace(mutation.base, version=OF_ANOTHER_ROW)
    row_id = str(target["id"])
    return msgspec.structs.replace(mutation, type=f"{entity}.set", entity=entity, id=row_id, base=base, set=changes)


def _check_may_answer(draft: Draft, conflict: Row, actor: Actor, *, is_declined: bool) -> None:
    """What becomes of a request the office of its site says; who asked may take it back."""
    is_taken_back = is_declined and conflict["author_id"] == actor.person_id
    if not is_taken_back and not _is_office(draft, conflict, actor):
        raise Refusal("not_allowed", ONLY_OFFICE_PLANS)


def _check_may_restore(draft: Draft, conflict: Row, actor: Actor) -> None:
    """Who may delete may bring back: the office at its site."""
    if not _is_office(draft, conflict, actor):
        raise Refusal("not_allowed", ONLY_OFFICE_RESTORES)


def _is_office(draft: Draft, conflict: Row, actor: Actor) -> bool:
    roots = (draft.get(*key) for key in roots_of("conflict", str(conflict["aggregate_id"])))
    root = next((each for each in roots if each is not None), None)
    site_id = (root or {}).get("site_id")
    return actor.is_office_at(site_id) or "plan" in actions_given(
        actor, str(conflict["target_entity"]), Place(site_id, is_held=True)
    )


def _chosen(mutation: Mutation) -> tuple[Scalar, Scalar]:
    try:
        seen, chosen = (None if text is None else scalar_of(str(text)) for text in mutation.set["resolved_value"])
    except (KeyError, ValueError, RecursionError) as error:
        raise InvalidValueError("resolved_value must be the JSON of one value") from error
    return seen, chosen
