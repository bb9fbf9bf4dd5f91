"""Whether somebody may sign an order off, as the rules of the contract say, and what exactly he looks at. Frozen rows.

Asked before a button is offered, and again by the command that signs.
"""

from dataclasses import dataclass

from cmms_desktop.application.queries.lookups import state_of, text_of, text_or_none
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules import sign_off
from sync_server.contract.rules.permission import Place, actions_given


@dataclass(frozen=True, slots=True)
class Seen:
    """What a supervisor looked at before he decided: the performer's statement, and whether it was outdated."""

    performed_id: str | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class ReviewRight:
    """`refusal`: why he may not sign the order off now; empty: he may."""

    refusal: str
    seen: Seen


def review_right(reading: Reading, order_id: str, person_id: str) -> ReviewRight | None:
    """Say whether a person may sign an order off; None: the order is not here."""
    order = reading.get("work_order", order_id)
    if order is None or order["deleted_at"] is not None:
        return None
    performed_id = text_or_none(order["performed_signature_id"])
    signature = None if performed_id is None else reading.get("signature", performed_id)
    actor = actor_of(reading.rows, person_id, state_of(reading))
    problem = sign_off.may_sign_off(
        role_at_site=actor.role_at(order["site_id"]),
        signer_id=person_id,
        performer_id=None if signature is None else text_of(signature["signer_id"]),
        status=text_of(order["status"]),
        given=actions_given(actor, "work_order", Place(order["site_id"], is_held=True)),
    )
    seen = Seen(performed_id, bool(order["is_signature_stale"]))
    return ReviewRight(refusal=problem.sentence if problem else "", seen=seen)
