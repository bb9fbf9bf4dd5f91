"""Signed statements: the exact bytes that somebody signs, and what can be said of them later (trust.md §3).

The body is RFC 8785 canonical JSON. Numbers and times are text, text is NFC. Personal values (printed name, ink,
position) enter only as commitments; value and salt lie in `personal_value` rows and can be erased without touching the body.
Makes and checks bytes; Ed25519 happens outside.
"""

import base64
import hashlib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import rfc8785

from sync_server.contract.codec import json_scalar
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.problems import Problem

SCHEMA = "cmms.signed-statement/1"
DOMAIN = b"cmms/signed-statement/v1\n"
SALT_BYTES = 16
MAX_BODY_BYTES = 200_000
MAX_STROKES = 200
MAX_POINTS = 10_000
FIRST_DIGITS = 12

Stroke = Sequence[tuple[int, int, int]]
"""Points of one stroke: x and y in hundredths of a millimetre of the pad, t in ms since the first touch."""

ITEM_FIELDS = ("key", "section", "prompt", "kind", "unit", "minimum", "maximum", "result", "value", "note")
ORDER_FIELDS = ("id", "number", "title", "type", "priority", "asset_id", "asset_text", "completion_note")
EVENT_FIELDS = ("kind", "device_at", "offset_ms", "accuracy_m", "fix_age_s", "source", "is_mock", "fence", "reason")


class PersonalValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value that the body only commits to. `value` is JSON text, `salt` base64url."""

    path: str
    commitment: str
    salt: str
    value: str


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A body ready to be signed, with what it commits to."""

    body: bytes
    personal_values: tuple[PersonalValue, ...]

    @property
    def sha256(self) -> str:
        """Digest of the body, 64 hex digits."""
        return sha256_of(self.body)


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs what, when, on which device. `reason` for a refusal or a return, `decision` when it returns work."""

    organization_id: str
    device_id: str
    person_id: str
    role: str
    meaning: str
    printed_name: str
    signed_at: str
    offset_ms: int | None
    previous: str
    reason: str | None = None
    decision: str | None = None
    ink: str | None = None
    not_yet_included: tuple[str, ...] = ()


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What the statement is about: rows of the order as the signer sees them."""

    order: Row
    checklists: Sequence[tuple[Row, Sequence[Row]]]
    movements: Sequence[Row]
    attachments: Sequence[Row]
    events: Sequence[Row]


def make_statement(signing: Signing, content: Content, *, new_salt: Callable[[], bytes]) -> Statement:
    """Build the body. Raises ValueError when it would be larger than 200,000 bytes."""
    personal = _Commitments(new_salt)
    document = {
        "schema": SCHEMA,
        "organization": signing.organization_id,
        "device": signing.device_id,
        "user": signing.person_id,
        "name": personal.commit("name", signing.printed_name),
        "role": signing.role,
        "meaning": signing.meaning,
        "reason": signing.reason,
        "decision": signing.decision,
        "signed_at": signing.signed_at,
        "offset_ms": _text(signing.offset_ms),
        "previous": signing.previous,
        "ink": None if signing.ink is None else personal.commit("ink", signing.ink),
        "not_yet_included": list(signing.not_yet_included),
        **_content(content, personal),
    }
    body = rfc8785.dumps(_normal(document))
    if len(body) > MAX_BODY_BYTES:
        raise ValueError("the record is too large to be signed as one")
    return Statement(body=body, personal_values=tuple(personal.values))


def _content(content: Content, personal: "_Commitments") -> dict[str, Any]:
    return {
        "order": _picked(content.order, ORDER_FIELDS),
        "checklists": [_checklist(checklist, items) for checklist, items in content.checklists],
        "parts": [_picked(row, ("part_id", "stock_location_id", "kind", "quantity")) for row in content.movements],
        "photos": [_picked(row, ("sha256", "media_type", "caption")) for row in content.attachments],
        "visit": [_event(number, row, personal) for number, row in enumerate(content.events)],
    }


def _checklist(checklist: Row, items: Sequence[Row]) -> dict[str, Any]:
    answers = [{**_picked(item, ITEM_FIELDS), "photo": item["photo_sha256"]} for item in items]
    names = ("id", "name", "template_id", "template_version")
    return {**_picked(checklist, names), "items": answers}


def _event(number: int, event: Row, personal: "_Commitments") -> dict[str, Any]:
    said = _picked(event, EVENT_FIELDS)
    if event["latitude"] is None:
        return said
    position = f"{event['latitude']} {event['longitude']}"
    return {**said, "position": personal.commit(f"visit/{number}/position", position)}


def _picked(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {name: _text(row[name]) for name in names}


def _text(value: Scalar) -> Scalar:
    """Numbers become text: a body never depends on how a language writes a number."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {key: _normal(inner) for key, inner in value.items()}
    return [_normal(inner) for inner in value] if isinstance(value, list | tuple) else value


class _Commitments:
    """Collects personal values while a body is built."""

    def __init__(self, new_salt: Callable[[], bytes]) -> None:
        self._new_salt = new_salt
        self.values: list[PersonalValue] = []

    def commit(self, path: str, value: Scalar) -> dict[str, str]:
        """Keep a value and give what stands in the body for it."""
        salt = self._new_salt()
        text = json_scalar(_normal(value))
        commitment = commitment_of(salt, text)
        self.values.append(PersonalValue(path=path, commitment=commitment, salt=_base64(salt), value=text))
        return {"c": commitment}


def commitment_of(salt: bytes, value: str) -> str:
    """Commit to the JSON text of a value: base64url of SHA-256(salt ‖ value). Raises ValueError for a short salt."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return _base64(hashlib.sha256(salt + value.encode()).digest())


def opens(commitment: str, *, salt: str, value: str) -> bool:
    """Whether a stored value and salt are what a body committed to."""
    try:
        raw = base64.b64decode(salt + "=" * (-len(salt) % 4), altchars=b"-_", validate=True)
        return commitment_of(raw, value) == commitment
    except ValueError:
        return False


def ink_text(strokes: Sequence[Stroke]) -> str:
    """Write the strokes of a signature as canonical JSON. Raises ValueError for no ink or more than a pad gives."""
    points = sum(len(stroke) for stroke in strokes)
    if not points:
        raise ValueError("nothing was drawn")
    if len(strokes) > MAX_STROKES or points > MAX_POINTS:
        raise ValueError("the signature has too many points")
    if any(len(point) != 3 or not all(type(part) is int for part in point) for stroke in strokes for point in stroke):
        raise ValueError("a point has three whole numbers")
    return rfc8785.dumps([[list(point) for point in stroke] for stroke in strokes]).decode()


def ink_digest(strokes: Sequence[Stroke]) -> str:
    """Digest of drawn ink, 64 hex digits."""
    return sha256_of(ink_text(strokes).encode())


def signing_input(meaning: str, body: bytes) -> bytes:
    """The bytes that a device key signs: no statement can pass for one of another meaning or kind."""
    return DOMAIN + meaning.encode() + b"\n" + body


def sha256_of(body: bytes) -> str:
    """Digest of a body, 64 hex digits."""
    return hashlib.sha256(body).hexdigest()


def first_digits(body: bytes) -> str:
    """What the signer is shown beside his name: the first 12 hex digits of the digest."""
    return sha256_of(body)[:FIRST_DIGITS]


def check_body(body: bytes) -> Problem | None:
    """Whether bytes are a statement in canonical form; None: they are."""
    try:
        document = msgspec.json.decode(body)
        is_canonical = len(body) <= MAX_BODY_BYTES and rfc8785.dumps(document) == body
    except (msgspec.DecodeError, rfc8785.CanonicalizationError, RecursionError, UnicodeError):
        is_canonical = False
    if not is_canonical or not isinstance(document, dict) or document.get("schema") != SCHEMA:
        return Problem("signature_invalid", "The signed record is not in the form that this program signs.")
    return None


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
