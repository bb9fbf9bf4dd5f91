"""Asking the office to take an order back, or to give it to somebody else. It asks; the assignment stays as it is."""

from cmms_desktop.application.queries.assignment_requests import own_assignment
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.rules.assigning import ASSIGNMENT, may_assign
from sync_server.contract.rules.status import has_reason


def ask_to_hand_on(
    write: LocalWrite, order_id: str, *, person_id: str | None = None, team_id: str | None = None, reason: str
) -> None:
    """Ask that a person or a team takes the order instead of its author, or, with neither, that it is taken back.

    Raises:
        Refused: `reason_required`; `not_found`: it is not his, is finished, or he has asked already; `not_allowed`: he
            is the office himself.
    """
    if not has_reason(reason):
        raise Refused("reason_required", "Say why you cannot take this order.")
    order = write.get("work_order", order_id)
    if order is not None and may_assign(write.actor, order):
        raise Refused("not_allowed", "You are the office of this order, so there is nobody to ask.")
    assignment_id, _ = own_assignment(write, order_id)
    assignment = write.get(ASSIGNMENT, assignment_id)
    if assignment is None:
        raise Refused("not_found", "The order is not yours any more, or you have asked already.")
    write.mutate(
        f"{ASSIGNMENT}.set",
        entity=ASSIGNMENT,
        id=assignment_id,
        set={
            "person_id": (assignment["person_id"], person_id),
            "team_id": (assignment["team_id"], team_id),
            "reason": (None, reason.strip()),
        },
    )
