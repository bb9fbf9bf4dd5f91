"""Who may state what about an order by signing, and what a statement moves (product.md §2.7, §3).

Says who may; makes no bytes (signed_body.py) and knows no key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from sync_server.contract.problems import Problem
from sync_server.contract.rules.checklist import missing
from sync_server.contract.rules.matrix import roles_that_may
from sync_server.contract.rules.status import has_reason, may_move

if TYPE_CHECKING:
    from sync_server.contract.fields import Row, Scalar

MEANINGS = ("performed", "reviewed", "approved", "accepted", "refused")
STATUS_AFTER: Mapping[str, str | None] = {
    "performed": "completed",
    "reviewed": None,
    "approved": "closed",
    "accepted": None,
    "refused": None,
}
"""Meaning → state that the statement takes the order to. None: it is on record and moves nothing. A refusal by the
customer does not undo the work: the supervisor sees it and returns the order, or not."""
LOCKED = frozenset({"completed", "closed"})
REVIEWERS = roles_that_may("work_order", "review")
PERFORMERS = roles_that_may("work_order", "complete")


def is_locked(order: Mapping[str, Scalar]) -> bool:
    """Whether the order's content is locked, because it was signed as done."""
    return order.get("status") in LOCKED


def may_perform(
    *,
    role_at_site: str | None,
    is_assigned: bool,
    status: str,
    items: Iterable[Row] = (),
    given: Collection[str] = (),
) -> Problem | None:
    """Whether somebody may sign as the one who did the work.

    Args:
        role_at_site: None when he has no access to the site.
        is_assigned: he, or a team of his, is assigned. A supervisor need not be.
        status: of the order, which has to be in progress.
        items: of the order's checklists. The server leaves them out: it received them apart, perhaps later.
        given: actions on this order that he may do besides (permission.actions_given).
    """
    may_complete = role_at_site in PERFORMERS or "complete" in given
    if not may_complete or (role_at_site == "technician" and not is_assigned):
        return Problem("not_allowed", "Only who is assigned to this order can sign for the work. Ask the office.")
    if status != "in_progress":
        return Problem("illegal_transition", "Only work that is in progress can be signed as performed.")
    return answers_missing(items)


def answers_missing(items: Iterable[Row]) -> Problem | None:
    """Say how many mandatory answers are missing, and the first of them; None: the checklists are complete."""
    left = missing(items)
    if not left:
        return None
    count = "1 mandatory answer is" if len(left) == 1 else f"{len(left)} mandatory answers are"
    return Problem("answers_missing", f"{count} missing, first: {left[0].get('prompt') or left[0].get('key')}.")


def may_sign_off(
    *, role_at_site: str | None, signer_id: str, performer_id: str | None, status: str, given: Collection[str] = ()
) -> Problem | None:
    """Whether somebody may review or approve the work of another.

    Args:
        role_at_site: None when he has no access to the site.
        signer_id: who wants to sign.
        performer_id: who signed for the work; None when nobody did, as on an imported order.
        status: of the order, which has to be completed.
        given: actions on this order that he may do besides (permission.actions_given).
    """
    if role_at_site not in REVIEWERS and "review" not in given:
        return Problem("not_allowed", "Only a supervisor of this site can sign the work off.")
    if performer_id is not None and signer_id.lower() == performer_id.lower():
        return Problem("own_work", "Nobody signs off his own work. Another supervisor has to do it.")
    if status != "completed":
        return Problem("illegal_transition", "Only completed work can be signed off.")
    return None


def may_return(
    *, role_at_site: str | None, status: str, reason: str | None, given: Collection[str] = ()
) -> Problem | None:
    """Whether somebody may send completed work back, or reopen a closed order (managers). Both need a reason."""
    if status not in LOCKED:
        return Problem("illegal_transition", "Only completed or closed work can be sent back.")
    return may_move(status, "in_progress", role=role_at_site or "visitor", reason=reason, given=given)


def may_answer_as_customer(*, meaning: str, status: str, reason: str | None) -> Problem | None:
    """Whether the customer's statement (accepted or refused) can be taken now, on the technician's screen.

    Args:
        meaning: one of MEANINGS.
        status: of the order: the work is being finished, or just completed.
        reason: why it is refused; an acceptance needs none.
    """
    if meaning not in {"accepted", "refused"}:
        return Problem("not_allowed", "A customer accepts the work or refuses it.")
    if status not in {"in_progress", "completed"}:
        return Problem("illegal_transition", "The customer can sign only while the work is being finished.")
    if meaning == "refused" and not has_reason(reason):
        return Problem("reason_required", "Write down why the customer refuses the work.")
    return None


def may_sign(
    *,
    meaning: str,
    role_at_site: str | None,
    signer_id: str,
    performer_id: str | None,
    is_assigned: bool,
    status: str,
    reason: str | None = None,
    given: Collection[str] = (),
) -> Problem | None:
    """Whether somebody's device key may sign a statement of this meaning now.

    Args:
        meaning: one of MEANINGS.
        role_at_site: of the signer; for a customer's statement, of the technician who witnesses it.
        signer_id: whose device key signs.
        performer_id: who signed for the work; None when nobody did.
        is_assigned: the signer, or a team of his, is assigned to the order.
        status: of the order.
        reason: in the statement.
        given: actions on this order that he may do besides (permission.actions_given).
    """
    if meaning in {"reviewed", "approved"}:
        return may_sign_off(
            role_at_site=role_at_site, signer_id=signer_id, performer_id=performer_id, status=status, given=given
        )
    if meaning == "performed":
        return may_perform(role_at_site=role_at_site, is_assigned=is_assigned, status=status, given=given)
    witness = may_perform(role_at_site=role_at_site, is_assigned=is_assigned, status="in_progress", given=given)
    return witness or may_answer_as_customer(meaning=meaning, status=status, reason=reason)
