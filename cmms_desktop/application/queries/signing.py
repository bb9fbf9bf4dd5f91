"""Where an order stands on its way to being signed and locked: what is missing, who signed, whose turn it is.

What is signed is not read here: commands/statements.py makes those bytes once. Frozen rows from the replica only.
"""

import json
from dataclasses import dataclass
from typing import Final, Literal

from cmms_desktop.application.queries.checklist_page import checklist_page
from cmms_desktop.application.queries.lookups import (
    Unsettled,
    asset_label,
    person_names,
    state_of,
    text_of,
    text_or_none,
    unsettled,
)
from cmms_desktop.application.server_order import server_order
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row
from sync_server.contract.problems import Problem
from sync_server.contract.rules import sign_off, signed_body
from sync_server.contract.rules.commitments import PersonalValue
from sync_server.contract.rules.signed_shape import Body

Turn = Literal["answers", "technician", "customer", "locked"]
"""Whose turn it is: missing answers first, then the technician, the customer, nobody."""


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """A mandatory item without an answer; `number` is "2.4"."""

    id: str
    number: str
    prompt: str


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A signed statement. `name`: as printed in it, empty once erased; `signed_at` in wire form, by the device."""

    id: str
    meaning: str
    name: str
    role: str
    reason: str | None
    signed_at: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """The bytes of a statement as they were signed, read, with the personal values that are still here."""

    body: Body
    sha256: str
    personal_values: tuple[PersonalValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPage:
    """An order about to be signed, or signed. `performed` and `customer`: the statements that count now."""

    order_id: str
    number: str
    title: str
    asset: str | None
    status: str
    turn: Turn
    missing: tuple[MissingAnswer, ...]
    performed: StatementLine | None
    is_stale: bool
    customer: StatementLine | None
    record: SignedRecord | None
    """What the technician signed, for the customer to read; None: nothing, or it cannot be read here."""
    signer: str
    offset_ms: int | None
    last_sync_at: str | None
    unsent: int
    """Changes that wait to be sent."""
    stopped: int
    """Changes that were refused, or that a person has to decide about."""
    photos_to_send: int


_PHOTOS_TO_SEND: Final = """
SELECT count(*) FROM blob WHERE state = 'to_send' AND sha256 IN (
  SELECT sha256 FROM attachment WHERE aggregate_id = ?1 AND deleted_at IS NULL
  UNION SELECT photo_sha256 FROM checklist_item WHERE aggregate_id = ?1 AND deleted_at IS NULL)"""
_STATEMENTS: Final = f"""
SELECT s.id, s.meaning, v.value, s.signer_role, s.reason, s.signed_at, s.body_sha256 FROM signature s
LEFT JOIN personal_value v ON v.signature_id = s.id AND v.path = '/printed_name' AND v.deleted_at IS NULL
WHERE s.aggregate_id = ? AND s.deleted_at IS NULL ORDER BY {server_order("signed_at", alias="s.")}"""


def signing_page(reading: Reading, order_id: str) -> SigningPage | None:
    """How far an order is with signing; None: it is not here."""
    order = reading.get("work_order", order_id)
    if order is None or order["deleted_at"] is not None:
        return None
    state = state_of(reading)
    lines = statement_lines(reading, order_id)
    performed = next((line for line in lines if line.id == order["performed_signature_id"]), None)
    customer = _customer(lines, performed)
    missing = _missing(reading, order_id)
    left = unsettled(reading).get(order_id, Unsettled())
    (photos_to_send,) = reading.cursor.execute(_PHOTOS_TO_SEND, (order_id,)).fetchone()
    return SigningPage(
        order_id=order_id,
        number=text_of(order["number"]),
        title=text_of(order["title"]),
        asset=_asset(reading, order),
        status=text_of(order["status"]),
        turn=_turn(order, has_performed=performed is not None, is_missing=bool(missing)),
        missing=missing,
        performed=performed,
        is_stale=bool(order["is_signature_stale"]),
        customer=customer,
        record=None if performed is None else signed_record(reading, performed.id),
        signer=person_names(reading, (state.person_id,)).get(state.person_id, ""),
        offset_ms=state.offset_ms,
        last_sync_at=state.last_sync_at,
        unsent=left.waiting,
        stopped=left.parked + left.held,
        photos_to_send=photos_to_send,
    )


def statement_lines(reading: Reading, order_id: str) -> tuple[StatementLine, ...]:
    """All signed statements of an order, oldest first."""
    found = reading.cursor.execute(_STATEMENTS, (order_id,)).fetchall()
    return tuple(
        StatementLine(id_, text_of(meaning), _name(name), text_of(role), text_or_none(reason), text_of(at), sha256)
        for id_, meaning, name, role, reason, at, sha256 in found
    )


def signed_record(reading: Reading, signature_id: str) -> SignedRecord | None:
    """What a statement says; None: it is not here, or was made by a newer version of this program."""
    signature = reading.get("signature", signature_id)
    body = None if signature is None else signed_body.read_body(text_of(signature["body"]).encode())
    if signature is None or body is None or isinstance(body, Problem):
        return None
    found = reading.cursor.execute(
        "SELECT path, salt, value, commitment FROM personal_value WHERE signature_id = ? AND deleted_at IS NULL"
        " AND salt IS NOT NULL AND value IS NOT NULL",
        (signature_id,),
    ).fetchall()
    values = tuple(
        PersonalValue(path=path, salt=salt, value=value, commitment=commitment)
        for path, salt, value, commitment in found
    )
    return SignedRecord(body, text_of(signature["body_sha256"]), values)


def _name(value: str | None) -> str:
    try:
        name = json.loads(value or "null")
    except ValueError:
        return ""
    return name if isinstance(name, str) else ""


def _customer(lines: tuple[StatementLine, ...], performed: StatementLine | None) -> StatementLine | None:
    """The customer's last word about the work as it was signed last."""
    if performed is None:
        return None
    since = lines.index(performed)
    later = [line for line in lines[since:] if line.meaning in {"accepted", "refused"}]
    return later[-1] if later else None


def _turn(order: Row, *, has_performed: bool, is_missing: bool) -> Turn:
    if sign_off.is_locked(order):
        return "locked"
    if has_performed and not order["is_signature_stale"]:
        return "customer"
    return "answers" if is_missing else "technician"


def _missing(reading: Reading, order_id: str) -> tuple[MissingAnswer, ...]:
    page = checklist_page(reading, order_id)
    return tuple(MissingAnswer(item.id, item.number, item.prompt) for item in page.missing) if page else ()


def _asset(reading: Reading, order: Row) -> str | None:
    line = reading.cursor.execute(
        "SELECT code, name FROM asset WHERE id = ? UNION ALL SELECT code, name FROM asset_stub WHERE asset_id = ?",
        (order["asset_id"], order["asset_id"]),
    ).fetchone()
    code, name = line or (None, None)
    return asset_label(code, name, order["asset_text"])
