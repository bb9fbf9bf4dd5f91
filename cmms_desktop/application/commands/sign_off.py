"""Signing: the exact statement is built from the rows on the screen, signed by the signer's own device key, and kept.

A supervisor signs on the technician's installation with his own key: the technician's replica carries the mutation,
`signer` says whose it is. Nothing is locked or moved by a signature alone; the state of the order says that.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from cmms_desktop.application.commands import statements
from cmms_desktop.application.commands.statements import Owner, Prepared, Said, Signatory
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.fields import Row
from sync_server.contract.messages import Signer
from sync_server.contract.problems import Problem
from sync_server.contract.rules import checklist as checklists
from sync_server.contract.rules import sign_off as rules
from sync_server.contract.rules import signed_body
from sync_server.contract.rules.draft import Actor
from sync_server.contract.rules.permission import Place, actions_given
from sync_server.contract.rules.registers import working_role
from sync_server.contract.rules.signed_body import SignedBody, Statement, Strokes

CHANGED = "The record changed after you read it. It was prepared again: read it once more, then sign."


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who has unlocked his own key here. `sign` gives the base64url signature of a whole statement."""

    organization_id: str
    person_id: str
    device_id: str
    sign: Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed: the row's id and the digest of the exact bytes."""

    signature_id: str
    sha256: str


def sign_performed(write: LocalWrite, hand: Hand, order_id: str, *, strokes: Strokes) -> Signed:
    """The technician signs that the work was done as the checklists say.

    Raises:
        Refused: mandatory answers are missing, or the order is not in progress.
    """
    return sign_prepared(write, hand, _prepare(write, hand, order_id, strokes=strokes))


def prepare_performed(write: LocalWrite, order_id: str, *, strokes: Strokes | None) -> Prepared:
    """Make the technician's statement once, for him to read and then to sign exactly so. Writes nothing.

    Args:
        strokes: his ink; None while nothing is drawn: the statement can be read, not yet signed.

    Raises:
        Refused: as `sign_performed`.
    """
    return _prepare(write, Owner.of(write), order_id, strokes=strokes)


def _prepare(write: LocalWrite, signatory: Signatory, order_id: str, *, strokes: Strokes | None) -> Prepared:
    order = _order(write, order_id)
    role = _performer_role(write, order)
    said = Said("performed", role, _name(write, signatory.person_id), ink=strokes)
    return statements.prepare(statements.state(write, signatory, order, said))


def _performer_role(write: LocalWrite, order: Row) -> str:
    """Role of who is at work here; Refused when the work cannot be signed as performed."""
    left = checklists.missing(statements.live(write, "checklist_item", str(order["id"])))
    if left:
        raise Refused("answers_missing", f"{len(left)} mandatory answers are missing, first: {left[0]['prompt']}.")
    role = working_role(write.actor, order["site_id"])
    given = _given(write.actor, order)
    _stop(rules.may_perform(role_at_site=role, is_assigned=True, status=str(order["status"]), given=given))
    return role


def sign_prepared(write: LocalWrite, hand: Hand, prepared: Prepared) -> Signed:
    """Sign exactly the bytes that were prepared.

    Raises:
        Refused: `record_changed` when the rows no longer give these bytes, also when they were signed before;
            otherwise as `sign_performed`.
    """
    statement = prepared.statement
    if (hand.person_id, hand.device_id) != (statement.user_id, statement.device_id):
        raise Refused("not_allowed", "This record was prepared for somebody else. Open it again, then sign.")
    if prepared.signable is None:
        raise Refused("invalid_value", "Nothing was drawn. Sign inside the frame.")
    _performer_role(write, _order(write, str(statement.order["id"])))
    if not prepared.is_current(write):
        raise Refused("record_changed", CHANGED)
    return _keep(write, hand, statement, prepared.signable)


def customer_accepts(write: LocalWrite, hand: Hand, order_id: str, *, printed_name: str, strokes: Strokes) -> Signed:
    """The customer accepts on the technician's screen: ink on glass, witnessed by the technician's key."""
    order = _order(write, order_id)
    _stop(rules.may_answer_as_customer(meaning="accepted", status=str(order["status"]), reason=None))
    return _sign(write, hand, order, Said("accepted", "customer", printed_name, ink=strokes))


def customer_refuses(write: LocalWrite, hand: Hand, order_id: str, *, printed_name: str, reason: str) -> Signed:
    """The customer refuses, with his reason in his words. Raises Refused without one."""
    order = _order(write, order_id)
    _stop(rules.may_answer_as_customer(meaning="refused", status=str(order["status"]), reason=reason))
    return _sign(write, hand, order, Said("refused", "customer", printed_name, reason=reason))


def complete(write: LocalWrite, order_id: str) -> None:
    """Hand the finished order to the supervisor. Raises Refused when nobody signed for the work."""
    write.set("work_order", order_id, status="completed")


def approve(write: LocalWrite, hand: Hand, order_id: str, *, reason: str | None = None) -> Signed:
    """A supervisor approves with his own key: the order is closed."""
    order = _order(write, order_id)
    role = _reviewer_role(write, hand, order)
    signed = _sign(write, hand, order, Said("approved", role, _name(write, hand.person_id), reason=reason))
    write.set("work_order", order_id, status="closed", signer=_signer(write, hand))
    return signed


def review(write: LocalWrite, hand: Hand, order_id: str, *, reason: str | None = None) -> Signed:
    """A supervisor states that he has reviewed the work. The order waits on for who approves or returns it."""
    order = _order(write, order_id)
    role = _reviewer_role(write, hand, order)
    return _sign(write, hand, order, Said("reviewed", role, _name(write, hand.person_id), reason=reason))


def return_work(write: LocalWrite, hand: Hand, order_id: str, *, reason: str) -> Signed:
    """A supervisor sends the order back with a reason, signed as reviewed. Raises Refused without a reason."""
    order = _order(write, order_id)
    role = _reviewer_role(write, hand, order)
    given = _given(write.actor_of(hand.person_id), order)
    _stop(rules.may_return(role_at_site=role, status=str(order["status"]), reason=reason, given=given))
    name = _name(write, hand.person_id)
    signed = _sign(write, hand, order, Said("reviewed", role, name, reason=reason, decision="returned"))
    write.set("work_order", order_id, status="in_progress", status_reason=reason, signer=_signer(write, hand))
    return signed


def _reviewer_role(write: LocalWrite, hand: Hand, order: Row) -> str:
    performer_id = None
    if order["performed_signature_id"] is not None:
        signature = write.get("signature", str(order["performed_signature_id"]))
        performer_id = str(signature["signer_id"]) if signature else None
    actor = write.actor_of(hand.person_id)
    role = actor.role_at(order["site_id"])
    _stop(
        rules.may_sign_off(
            role_at_site=role,
            signer_id=hand.person_id,
            performer_id=performer_id,
            status=str(order["status"]),
            given=_given(actor, order),
        )
    )
    return role or ""


def _given(actor: Actor, order: Row) -> frozenset[str]:
    """Actions on the order, which is on this device, that somebody was given besides his role's."""
    return actions_given(actor, "work_order", Place(order["site_id"], is_held=True))


def _sign(write: LocalWrite, hand: Hand, order: Row, said: Said) -> Signed:
    statement = statements.state(write, hand, order, said)
    return _keep(write, hand, statement, statements.build(statement))


def _keep(write: LocalWrite, hand: Hand, statement: Statement, built: SignedBody) -> Signed:
    signer, order_id = _signer(write, hand), str(statement.order["id"])
    sha256 = signed_body.sha256_of(built.body)
    signature_id = write.create(
        "signature",
        {
            "work_order_id": order_id,
            "meaning": statement.meaning,
            "signer_id": hand.person_id,
            "signer_role": statement.role,
            "signer_device_id": hand.device_id,
            "body": built.body.decode(),
            "body_sha256": sha256,
            "signature": hand.sign(signed_body.signing_input(statement.meaning, built.body)),
            "reason": statement.reason,
            "signed_at": statement.device_at,
            "offset_ms": statement.offset_ms,
        },
        signer=signer,
    )
    for personal in built.personal_values:
        values = {"signature_id": signature_id, **msgspec.structs.asdict(personal)}
        write.create("personal_value", values, aggregate_id=order_id, signer=signer)
    return Signed(signature_id, sha256)


def _signer(write: LocalWrite, hand: Hand) -> Signer | None:
    return None if hand.person_id == write.actor.person_id else Signer(user=hand.person_id, device=hand.device_id)


def _name(write: LocalWrite, person_id: str) -> str:
    person = write.get("person", person_id)
    if person is None:
        raise Refused("not_found", "The signer is not known on this device yet. Synchronise once, then sign.")
    return str(person["name"])


def _order(write: LocalWrite, order_id: str) -> Row:
    order = write.get("work_order", order_id)
    if order is None:
        raise Refused("not_found", "This order is not on this device.")
    return order


def _stop(problem: Problem | None) -> None:
    if problem is not None:
        raise Refused(problem.code, problem.sentence)
