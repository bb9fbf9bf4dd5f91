"""What becomes of a service request: its states, the steps between them, and the order that comes of an accepted one.

Pure, the same on a device and at the server. Who may take which step says the matrix (`rules/matrix.py`).
"""

from collections.abc import Mapping

from sync_server.contract.codec import checked, completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules.draft import Actor, Draft, Key, derived_id
from sync_server.contract.rules.permission import NOT_FOUND
from sync_server.contract.rules.registers import Refusal
from sync_server.contract.rules.status import has_reason

REQUEST = "service_request"
STEPS: Mapping[str, str] = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}
"""Verb of a mutation → state in which a new request is afterwards. No state but `new` has a way out."""
SAID_ONCE = Problem("append_only", "What was asked is never changed. Withdraw the request, and ask again.")


def made_order_id(request_id: str) -> str:
    """Id of the order that an accepted request makes: whoever accepts it, and however often, it is one."""
    return derived_id(request_id, "work_order")


def number_of(order_id: str) -> str:
    """Give what such an order is called until the office calls it otherwise."""
    return f"SR-{order_id[:8].upper()}"


def reads(mutation: Mutation) -> tuple[Key, ...]:
    """Rows that a step needs besides the request itself."""
    return (("work_order", made_order_id(mutation.id)),) if mutation.type == f"{REQUEST}.accept" else ()


def step(mutation: Mutation, draft: Draft, *, request: Row, actor: Actor, at: str) -> None:
    """Carry out the step that a mutation names. Raises Refusal, or InvalidValueError for a reason that is no text."""
    said = checked(REGISTRY[REQUEST].by_name["reason"], mutation.set.get("reason", (None, None))[1])
    state = STEPS[mutation.type.rpartition(".")[2]]
    move(draft, request, state, reason=said if isinstance(said, str) else None, person_id=actor.person_id, at=at)


def move(draft: Draft, request: Row, state: str, *, reason: str | None, person_id: str | None, at: str) -> None:
    """Take a request to a state, and make its order when it is accepted. The same step twice is one.

    Args:
        draft: Has the row of the order, or that there is none.
        request: As it stands.
        state: One of the values of STEPS.
        reason: Why; a declined one has to say.
        person_id: Who does it; None: an administrator's command.
        at: When, in wire form.

    Raises:
        Refusal: Somebody was first with another decision, it has no reason, or it is deleted.
    """
    if request["deleted_at"] is not None:
        raise Refusal(NOT_FOUND.code, NOT_FOUND.sentence)
    if request["status"] == state:
        return
    if request["status"] != "new":
        raise Refusal("illegal_transition", f"This request was {request['status']} before. Look at it again.")
    if state == "declined" and not has_reason(reason):
        raise Refusal("reason_required", "Say why the request is declined.")
    audit: Row = {"updated_at": at, "updated_by": person_id}
    order_id = _make_order(draft, request, audit) if state == "accepted" else None
    decided: Row = {"status": state, "reason": reason, "work_order_id": order_id}
    draft.change(REQUEST, request, **decided, decided_by=person_id, decided_at=at, **audit)


def _make_order(draft: Draft, request: Row, audit: Row) -> str:
    """Make the order. Its id can be known before: one that is there is nobody's to write over."""
    order_id = made_order_id(str(request["id"]))
    if draft.get("work_order", order_id) is not None:
        raise Refusal("already_exists", "The order of this request was already created.")
    made: dict[str, Scalar] = {"created_at": audit["updated_at"], "created_by": audit["updated_by"], **audit}
    draft.put("work_order", completed(REGISTRY["work_order"], {**made, **_order_of(request, order_id)}))
    return order_id


def _order_of(request: Row, order_id: str) -> Row:
    return {
        "id": order_id,
        "aggregate_id": order_id,
        "number": number_of(order_id),
        "title": request["title"],
        "description": request["description"],
        "priority": request["urgency"],
        "site_id": request["site_id"],
        "location_id": request["location_id"],
        "asset_id": request["asset_id"],
    }
