"""What a person is about to sign: a statement made once from the rows as they stand, kept until it is signed.

The bytes that were shown are the bytes that are signed; whether the rows still say the same is asked right before.
This module writes nothing and knows no key.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from cmms_desktop.application.queries.assignment_requests import NO_REQUEST
from cmms_desktop.application.server_order import server_order
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from cmms_desktop.replica.sync_state import load
from sync_server.contract.column_types import instant_of
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.problems import Problem
from sync_server.contract.rules import signed_body, signed_content
from sync_server.contract.rules.commitments import SALT_BYTES, PersonalValue, from_base64url
from sync_server.contract.rules.signed_body import SignedBody, Statement, Strokes
from sync_server.contract.rules.signed_shape import Body

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_OPEN_ENDS = f"""
SELECT
  (SELECT count(*) FROM blob WHERE state = 'to_send' AND sha256 IN (
    SELECT sha256 FROM attachment WHERE aggregate_id = :order AND deleted_at IS NULL
    UNION SELECT photo_sha256 FROM checklist_item WHERE aggregate_id = :order AND deleted_at IS NULL)),
  (SELECT count(*) FROM conflict c WHERE c.aggregate_id = :order AND c.resolution IS NULL AND c.deleted_at IS NULL
    AND {NO_REQUEST}),
  (SELECT count(*) FROM outbox WHERE aggregate_id = :order AND state = 'parked')"""
"""Photos to send, open conflicts and refused changes of an order."""


class Signatory(Protocol):
    """Whose statement it is: a person on his device."""

    @property
    def organization_id(self) -> str: ...

    @property
    def person_id(self) -> str: ...

    @property
    def device_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Owner:
    """The person whose replica this is, before he has unlocked his key."""

    organization_id: str
    person_id: str
    device_id: str

    @classmethod
    def of(cls, write: LocalWrite) -> "Owner":
        """Ask the replica."""
        return cls(load(write.cursor).organization_id, write.actor.person_id, write.device_id)


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement says beside the rows: who, as what, with which words."""

    meaning: str
    role: str
    name: str
    reason: str | None = None
    ink: Strokes | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that waits for its signature. `body` is what it says; `signable` its bytes, None until ink is there.

    `personal_values` are those behind the commitments of the body.
    The bytes stand for one state of the rows; `is_current` asks whether that is still the state.
    """

    statement: Statement
    body: Body
    personal_values: tuple[PersonalValue, ...]
    signable: SignedBody | None

    @property
    def first_digits(self) -> str:
        """The 12 hex digits that name the bytes; empty while there are none."""
        return signed_body.first_digits(self.signable.body) if self.signable else ""

    def is_current(self, write: LocalWrite) -> bool:
        """Whether the rows give the very same bytes again, with the time and the salts of then."""
        order = write.get("work_order", str(self.statement.order["id"]))
        if order is None or self.signable is None:
            return False
        order_id = str(order["id"])
        now = msgspec.structs.replace(
            self.statement, order=order, previous=previous(write, order_id), **covered(write, order_id)
        )
        salts = _salts_of(self.signable)
        built = signed_body.build_signed_body(now, new_salt=lambda: next(salts, b"\0" * SALT_BYTES))
        return not isinstance(built, Problem) and built.body == self.signable.body


def state(write: LocalWrite, signatory: Signatory, order: Row, said: Said) -> Statement:
    """State something about an order as it stands on this device now."""
    order_id = str(order["id"])
    return Statement(
        organization_id=signatory.organization_id,
        device_id=signatory.device_id,
        user_id=signatory.person_id,
        role=said.role,
        meaning=said.meaning,
        printed_name=said.name,
        device_at=write.now,
        offset_ms=write.offset_ms,
        reason=said.reason,
        decision=said.decision,
        ink=said.ink,
        previous=previous(write, order_id),
        not_yet_included=not_yet_included(write, order_id),
        order=order,
        **covered(write, order_id),
    )


def build(statement: Statement) -> SignedBody:
    """Make the bytes. Raises Refused for what cannot be signed, such as a drawing without a line."""
    built = signed_body.build_signed_body(statement, new_salt=new_salt)
    if isinstance(built, Problem):
        raise Refused(built.code, built.sentence)
    return built


def prepare(statement: Statement) -> Prepared:
    """Make the bytes and what they say; without ink only what they would say."""
    if statement.ink is not None:
        built = build(statement)
        body = signed_body.read_body(built.body)
        if isinstance(body, Problem):
            raise Refused(body.code, body.sentence)
        return Prepared(statement, body, built.personal_values, built)
    written = signed_content.write_body(statement, new_salt=new_salt)
    if isinstance(written, Problem):
        raise Refused(written.code, written.sentence)
    try:
        return Prepared(statement, msgspec.convert(written.body, Body), written.personal_values, None)
    except msgspec.ValidationError as error:
        raise Refused("invalid_value", "This order holds something that cannot be signed. Tell the office.") from error


def new_salt() -> bytes:
    """Fresh random bytes for one commitment."""
    return secrets.token_bytes(SALT_BYTES)


def covered(write: LocalWrite, order_id: str) -> dict[str, Any]:
    """Rows that a statement covers: the whole record as it stands on this device."""
    items = live(write, "checklist_item", order_id)
    movements = live(write, "stock_movement", order_id)
    parts = {str(row["part_id"]): write.get("part", str(row["part_id"])) for row in movements}
    return {
        "checklists": [
            (checklist, [item for item in items if item["checklist_id"] == checklist["id"]])
            for checklist in live(write, "checklist", order_id)
        ],
        "movements": movements,
        "parts": {part_id: part for part_id, part in parts.items() if part is not None},
        "photos": live(write, "attachment", order_id),
        "visits": live(write, "work_log", order_id),
        "arrival": _arrival(write, order_id),
    }


def _arrival(write: LocalWrite, order_id: str) -> Row | None:
    """The last arrival at the site."""
    sql = "SELECT id FROM work_log_event WHERE aggregate_id = ? AND kind = 'arrive' AND deleted_at IS NULL"
    found = write.cursor.execute(f"{sql} ORDER BY {server_order('device_at')}", (order_id,)).fetchall()
    return write.get("work_log_event", found[-1][0]) if found else None


def live(write: LocalWrite, entity: str, aggregate_id: str) -> list[Row]:
    """Rows of an order that are not deleted, in their order."""
    names = REGISTRY[entity].names
    order = "position, id" if "position" in names else "id"
    found = write.cursor.execute(
        f"SELECT {', '.join(names)} FROM {entity} WHERE aggregate_id = ? AND deleted_at IS NULL ORDER BY {order}",
        (aggregate_id,),
    ).fetchall()
    return [dict(zip(names, values, strict=True)) for values in found]


def previous(write: LocalWrite, order_id: str) -> str | None:
    """Digest of the order's last statement on this device; None when it is the first."""
    sql = f"SELECT body_sha256 FROM signature WHERE aggregate_id = ? ORDER BY {server_order('signed_at')}"
    found = write.cursor.execute(sql, (order_id,)).fetchall()
    return str(found[-1][0]) if found else None


def not_yet_included(write: LocalWrite, order_id: str) -> tuple[str, ...]:
    """What the signer should know that the record, or the office, does not hold yet. These sentences are signed."""
    return tuple(_unincluded(write, order_id))


def _unincluded(write: LocalWrite, order_id: str) -> Iterator[str]:
    known_until = load(write.cursor).last_sync_at
    if known_until is None:
        yield "Office changes are not known to this device: it has never synchronised."
    else:
        yield f"Office changes after {_utc(known_until)} are not known to this device."
    photos, conflicts, refused = write.cursor.execute(_OPEN_ENDS, {"order": order_id}).fetchone()
    if photos:
        yield "1 photo is not sent yet." if photos == 1 else f"{photos} photos are not sent yet."
    if conflicts:
        fields = "1 field was" if conflicts == 1 else f"{conflicts} fields were"
        yield f"{fields} changed by two people; nobody has settled it yet."
    if refused:
        yield "1 change was refused and is left out." if refused == 1 else f"{refused} changes were refused, left out."
    follow_ups = write.cursor.execute(
        "SELECT number FROM work_order WHERE parent_id = ? AND deleted_at IS NULL AND version = 0 ORDER BY number",
        (order_id,),
    ).fetchall()
    for (number,) in follow_ups:
        yield f"Follow-up {number} has not reached the office yet."


def _utc(instant: str) -> str:
    """Write an instant so that it reads the same on every device: 12 March 2026, 06:58 UTC."""
    at = instant_of(instant)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


def _salts_of(built: SignedBody) -> Iterator[bytes]:
    """Salts in the order in which the commitments were made."""
    return iter([from_base64url(value.salt) or b"" for value in built.personal_values])
