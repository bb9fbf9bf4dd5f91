"""Who has an order: the office gives it to people, teams and companies, a technician asks for it (D-139, D-235).

A request is a conflict row of kind `request` about one assignment. `base_value` is who has the order by it (null:
somebody is to be added), `mine_value` who is to have it instead (null: it is given back), `field` says whether it is a
person or a team. Why it is asked is a remark on the order. Granting makes and deletes rows; a request changes none.
Reads no other assignment than the one it is about.
"""

from collections.abc import Mapping

from sync_server.contract.codec import InvalidValueError, checked, completed, json_scalar, scalar_of
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules import clocks, conflicts
from sync_server.contract.rules.draft import Actor, Draft, Key, derived_id
from sync_server.contract.rules.permission import Place, actions_given, may
from sync_server.contract.rules.registers import Refusal

ASSIGNMENT = "work_order_assignment"
OVER = frozenset({"completed", "closed", "cancelled", "rejected"})
"""States in which nobody has to take the order any more."""
GIVEN_AWAY = "The order was given to somebody else meanwhile."
FINISHED = "The order is finished, so nobody has to take it."
NOT_AS_IT_IS = "This cannot be granted as it is. Decline it, and assign the order yourself."

Holder = tuple[str, Scalar]
"""Who has an order by one assignment, or is to have it: one of HOLDERS, and the id; None: nobody."""
HOLDERS = ("person_id", "team_id", "contractor_id")
ONLY_OFFICE_HIRES = "Only the office gives an order to a contractor."


def is_request(mutation: Mutation, draft: Draft, actor: Actor) -> bool:
    """Whether a change of who has an order only asks for it, because its author does not plan who has it."""
    order = draft.get("work_order", mutation.aggregate_id)
    return order is not None and not may_assign(actor, order)


def may_assign(actor: Actor, order: Mapping[str, Scalar]) -> bool:
    """Whether somebody gives an order to people himself: he plans assignments there, or was given planning."""
    place = Place(order["site_id"], is_held=True)
    return may(actor, ASSIGNMENT, "plan", place) is None or "plan" in actions_given(actor, "work_order", place)


def reason_id(mutation_id: str) -> str:
    """Id of the remark that says why a mutation asks for it."""
    return derived_id(mutation_id, "reason")


def made_id(source_id: str) -> str:
    """Id of the assignment that granting a conflict makes, or the office's own mutation."""
    return derived_id(source_id, "assignment")


def reads(mutation: Mutation) -> tuple[Key, ...]:
    """Keys of the rows that a change of who has an order may make: whoever knew their ids may have taken them."""
    return (ASSIGNMENT, made_id(mutation.mutation_id)), ("comment", reason_id(mutation.mutation_id))


def void_because(order: Mapping[str, Scalar] | None, assignment: Mapping[str, Scalar] | None, *, adds: bool) -> str:
    """Why nothing is left to answer of a request: a sentence; "": it counts. `adds`: it takes nobody's place."""
    if order is None or order["deleted_at"] is not None or order["status"] in OVER:
        return FINISHED
    is_gone = assignment is None or assignment["deleted_at"] is not None
    return GIVEN_AWAY if is_gone and not adds else ""


def ask(mutation: Mutation, draft: Draft, *, wanted: Holder, row: Row | None, actor: Actor, at: str) -> None:
    """Keep a request: `wanted` instead of who has the order by `row`; None: beside whoever has it.

    Raises Refusal when nothing is left to ask for.
    """
    if wanted[0] == "contractor_id":
        raise Refusal("not_allowed", ONLY_OFFICE_HIRES)
    order = draft.get("work_order", mutation.aggregate_id)
    if sentence := void_because(order, row, adds=row is None):
        raise Refusal("not_found", sentence)
    field, holder = _holder(row) if row is not None else (wanted[0], None)
    if wanted[1] is not None:
        field = wanted[0]
    stands = json_scalar(holder)
    values: Row = {"target_entity": ASSIGNMENT, "target_id": mutation.id, "field": field, "kind": "request"}
    values |= {"base_value": stands, "theirs_value": stands, "mine_value": json_scalar(wanted[1]), "cause": "planning"}
    conflicts.keep(mutation, draft, actor=actor, at=at, **values)
    _say_why(mutation, draft, actor, at)


def reassign(mutation: Mutation, draft: Draft, *, row: Row, actor: Actor, at: str) -> None:
    """Let the office give an order on: the assignment goes, another one comes. Raises Refusal when it is gone."""
    if row["deleted_at"] is not None:
        raise Refusal("not_found", GIVEN_AWAY)
    draft.change(ASSIGNMENT, row, deleted_at=at, updated_at=at, updated_by=actor.person_id)
    new_id, wanted = made_id(mutation.mutation_id), wanted_of(mutation)
    _give(new_id, draft, order_id=mutation.aggregate_id, wanted=wanted, actor=actor, at=at)
    _say_why(mutation, draft, actor, at)


def grant(mutation: Mutation, draft: Draft, *, conflict: Row, actor: Actor, at: str) -> None:
    """Carry out a request, or what the office chose in its place. Raises Refusal when nothing is left to answer."""
    order = draft.get("work_order", mutation.aggregate_id)
    row = draft.get(ASSIGNMENT, str(conflict["target_id"]))
    if sentence := void_because(order, row, adds=adds(conflict)):
        raise Refusal("not_found", f"{sentence} Nothing is left to grant.")
    field = str(conflict["field"])
    is_edited = mutation.set["resolution"][1] == "edited"
    said = mutation.set.get("resolved_value", (None, None))[1] if is_edited else conflict["mine_value"]
    wanted = field, checked(REGISTRY[ASSIGNMENT].by_name[field], _read(said))
    if row is not None and not adds(conflict):  # the id that a request for one more names is anybody's by now
        draft.change(ASSIGNMENT, row, deleted_at=at, updated_at=at, updated_by=actor.person_id)
    _give(made_id(str(conflict["id"])), draft, order_id=mutation.aggregate_id, wanted=wanted, actor=actor, at=at)


def adds(conflict: Mapping[str, Scalar]) -> bool:
    """Whether a request takes nobody's place."""
    return conflict["base_value"] in {None, "null"}


def wanted_of(mutation: Mutation) -> Holder:
    """Who is to have the order. Raises InvalidValueError for two of them at once."""
    columns, said = REGISTRY[ASSIGNMENT].by_name, mutation.set
    named = {name: checked(columns[name], said[name][1]) for name in HOLDERS if name in said}
    found = [(name, value) for name, value in named.items() if value is not None]
    if len(found) > 1:
        raise InvalidValueError("an order is given to a person, to a team or to a contractor")
    return found[0] if found else ("person_id", None)


def _holder(row: Row) -> Holder:
    return next(((name, row[name]) for name in HOLDERS if row[name] is not None), (HOLDERS[0], None))


def _give(row_id: str, draft: Draft, *, order_id: str, wanted: Holder, actor: Actor, at: str) -> None:
    """Give an order to somebody; both sides compute the id of the row alike. Raises Refusal when it is taken."""
    if wanted[1] is None:
        return
    if draft.get(ASSIGNMENT, row_id) is not None:
        raise Refusal("already_exists", NOT_AS_IT_IS)
    values: Row = {"id": row_id, "aggregate_id": order_id, "work_order_id": order_id, wanted[0]: wanted[1]}
    values |= {"created_at": at, "created_by": actor.person_id, "updated_at": at, "updated_by": actor.person_id}
    draft.put(ASSIGNMENT, completed(REGISTRY[ASSIGNMENT], values))


def _say_why(mutation: Mutation, draft: Draft, actor: Actor, at: str) -> None:
    reason = mutation.set.get("reason", (None, None))[1]
    if reason is None or reason == "":
        return
    said = checked(REGISTRY["comment"].by_name["text"], reason)
    if draft.get("comment", reason_id(mutation.mutation_id)) is not None:
        return  # what was said never changes
    order_id = mutation.aggregate_id
    values: Row = {"id": reason_id(mutation.mutation_id), "aggregate_id": order_id, "work_order_id": order_id}
    values |= {"author_id": actor.person_id, "text": said, "written_at": clocks.device_at(mutation) or at}
    values |= {"offset_ms": clocks.offset_of(mutation), "created_at": at, "created_by": actor.person_id}
    values |= {"updated_at": at, "updated_by": actor.person_id}
    draft.put("comment", completed(REGISTRY["comment"], values))


def _read(text: Scalar) -> Scalar:
    try:
        return None if text is None else scalar_of(str(text))
    except (ValueError, RecursionError) as error:
        raise InvalidValueError("resolved_value must be the JSON of one value") from error
