"""Signing: the exact statement is built from the rows on the screen, signed by the signer's own device key, and kept.

A supervisor signs on the technician's installation with his own key: the technician's replica carries the mutation,
`signer` says whose it is. Nothing is locked or moved by a signature alone; the state of the order says that.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.messages import Signer
from sync_server.contract.problems import Problem
from sync_server.contract.rules import checklist as checklists
from sync_server.contract.rules import sign_off as rules
from sync_server.contract.rules import signed_body
from sync_server.contract.rules.commitments import SALT_BYTES
from sync_server.contract.rules.registers import working_role
from sync_server.contract.rules.signed_body import SignedBody, Statement, Strokes


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
    order = _order(write, order_id)
    left = checklists.missing(_live(write, "checklist_item", order_id))
    if left:
        raise Refused("answers_missing", f"{len(left)} mandatory answers are missing, first: {left[0]['prompt']}.")
    role = working_role(write.actor, order["site_id"])
    _stop(rules.may_perform(role_at_site=role, is_assigned=True, status=str(order["status"])))
    return _sign(write, hand, order, "performed", role=role, name=_name(write, hand), strokes=strokes)


def customer_accepts(write: LocalWrite, hand: Hand, order_id: str, *, printed_name: str, strokes: Strokes) -> Signed:
    """The customer accepts on the technician's screen: ink on glass, witnessed by the technician's key."""
    order = _order(write, order_id)
    _stop(rules.may_answer_as_customer(meaning="accepted", status=str(order["status"]), reason=None))
    return _sign(write, hand, order, "accepted", role="customer", name=printed_name, strokes=strokes)


def customer_refuses(write: LocalWrite, hand: Hand, order_id: str, *, printed_name: str, reason: str) -> Signed:
    """The customer refuses, with his reason in his words. Raises Refused without one."""
    order = _order(write, order_id)
    _stop(rules.may_answer_as_customer(meaning="refused", status=str(order["status"]), reason=reason))
    return _sign(write, hand, order, "refused", role="customer", name=printed_name, reason=reason)


def complete(write: LocalWrite, order_id: str) -> None:
    """Hand the finished order to the supervisor. Raises Refused when nobody signed for the work."""
    write.set("work_order", order_id, status="completed")


def approve(write: LocalWrite, hand: Hand, order_id: str, *, reason: str | None = None) -> Signed:
    """A supervisor approves with his own key: the order is closed."""
    order = _order(write, order_id)
    role = _reviewer_role(write, hand, order)
    signed = _sign(write, hand, order, "approved", role=role, name=_name(write, hand), reason=reason)
    write.set("work_order", order_id, status="closed", signer=_signer(write, hand))
    return signed


def return_work(write: LocalWrite, hand: Hand, order_id: str, *, reason: str) -> Signed:
    """A supervisor sends the order back with a reason, signed as reviewed. Raises Refused without a reason."""
    order = _order(write, order_id)
    role = _reviewer_role(write, hand, order)
    _stop(rules.may_return(role_at_site=role, status=str(order["status"]), reason=reason))
    signed = _sign(
        write, hand, order, "reviewed", role=role, name=_name(write, hand), reason=reason, decision="returned"
    )
    write.set("work_order", order_id, status="in_progress", status_reason=reason, signer=_signer(write, hand))
    return signed


def _reviewer_role(write: LocalWrite, hand: Hand, order: Row) -> str:
    performer_id = None
    if order["performed_signature_id"] is not None:
        signature = write.get("signature", str(order["performed_signature_id"]))
        performer_id = str(signature["signer_id"]) if signature else None
    role = write.actor_of(hand.person_id).role_at(order["site_id"])
    _stop(
        rules.may_sign_off(
            role_at_site=role, signer_id=hand.person_id, performer_id=performer_id, status=str(order["status"])
        )
    )
    return role or ""


def _sign(
    write: LocalWrite,
    hand: Hand,
    order: Row,
    meaning: str,
    *,
    role: str,
    name: str,
    reason: str | None = None,
    strokes: Strokes | None = None,
    decision: str | None = None,
) -> Signed:
    statement = Statement(
        organization_id=hand.organization_id,
        device_id=hand.device_id,
        user_id=hand.person_id,
        role=role,
        meaning=meaning,
        printed_name=name,
        device_at=write.now,
        offset_ms=write.offset_ms,
        reason=reason,
        decision=decision,
        ink=strokes,
        previous=_previous(write, str(order["id"])),
        not_yet_included=_not_yet_included(write),
        order=order,
        **_covered(write, str(order["id"])),
    )
    built = signed_body.build_signed_body(statement, new_salt=lambda: secrets.token_bytes(SALT_BYTES))
    if isinstance(built, Problem):
        raise Refused(built.code, built.sentence)
    return _keep(write, hand, statement, built)


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
        },
        signer=signer,
    )
    for personal in built.personal_values:
        values = {"signature_id": signature_id, **msgspec.structs.asdict(personal)}
        write.create("personal_value", values, aggregate_id=order_id, signer=signer)
    return Signed(signature_id, sha256)


def _signer(write: LocalWrite, hand: Hand) -> Signer | None:
    return None if hand.person_id == write.actor.person_id else Signer(user=hand.person_id, device=hand.device_id)


def _covered(write: LocalWrite, order_id: str) -> dict[str, Any]:
    """Rows that a statement covers: the whole record as it stands on this device."""
    items = _live(write, "checklist_item", order_id)
    movements = _live(write, "stock_movement", order_id)
    arrivals = [event for event in _live(write, "work_log_event", order_id) if event["kind"] == "arrive"]
    parts = {str(row["part_id"]): write.get("part", str(row["part_id"])) for row in movements}
    return {
        "checklists": [
            (checklist, [item for item in items if item["checklist_id"] == checklist["id"]])
            for checklist in _live(write, "checklist", order_id)
        ],
        "movements": movements,
        "parts": {part_id: part for part_id, part in parts.items() if part is not None},
        "photos": _live(write, "attachment", order_id),
        "visits": _live(write, "work_log", order_id),
        "arrival": max(arrivals, key=lambda event: str(event["device_at"]), default=None),
    }


def _live(write: LocalWrite, entity: str, aggregate_id: str) -> list[Row]:
    names = REGISTRY[entity].names
    order = "position, id" if "position" in names else "id"
    found = write.cursor.execute(
        f"SELECT {', '.join(names)} FROM {entity} WHERE aggregate_id = ? AND deleted_at IS NULL ORDER BY {order}",
        (aggregate_id,),
    ).fetchall()
    return [dict(zip(names, values, strict=True)) for values in found]


def _previous(write: LocalWrite, order_id: str) -> str | None:
    """Digest of the order's last statement on this device; None when it is the first."""
    found = write.cursor.execute(
        "SELECT body_sha256 FROM signature WHERE aggregate_id = ? ORDER BY signed_at DESC, id DESC LIMIT 1",
        (order_id,),
    ).fetchone()
    return str(found[0]) if found else None


def _not_yet_included(write: LocalWrite) -> tuple[str, ...]:
    """What the signer should know that the office has not received yet."""
    (photos,) = write.cursor.execute("SELECT count(*) FROM blob WHERE state = 'to_send'").fetchone()
    return (f"{photos} photos not sent yet",) if photos else ()


def _name(write: LocalWrite, hand: Hand) -> str:
    person = write.get("person", hand.person_id)
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
