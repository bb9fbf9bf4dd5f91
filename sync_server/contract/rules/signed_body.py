"""The bytes of a signed statement: made here, checked here, rendered from here. Keys and Ed25519 are the callers'.

A body is RFC 8785 canonical JSON of signed_shape.Body. The exact bytes are stored and sent; they are never made again
from rows. What is shown before signing is `summary` of these bytes, and nothing else.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator

import msgspec
import rfc8785

from sync_server.contract.problems import Problem
from sync_server.contract.rules.commitments import PersonalValue, is_commitment, open_commitment
from sync_server.contract.rules.ink import Strokes, ink_digest, ink_text
from sync_server.contract.rules.sign_off import MEANINGS
from sync_server.contract.rules.signed_content import Statement, write_body
from sync_server.contract.rules.signed_shape import SCHEMA, Body, Commitment
from sync_server.contract.rules.signed_summary import Summary, render
from sync_server.contract.rules.status import has_reason

__all__ = [
    "SCHEMA",
    "PersonalValue",
    "SignedBody",
    "Statement",
    "Strokes",
    "Summary",
    "build_signed_body",
    "check_body",
    "first_digits",
    "ink_digest",
    "ink_text",
    "open_commitment",
    "read_body",
    "sha256_of",
    "signing_input",
    "summary",
]

SIGNING_PREFIX = b"cmms/signed-statement/v1\n"
LARGEST_BYTES = 250_000
"""As many as `signature.body` holds."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_WITH_INK = frozenset({"performed", "accepted"})


class SignedBody(msgspec.Struct, frozen=True, kw_only=True):
    """A body and the values behind its commitments, one per commitment."""

    body: bytes
    personal_values: tuple[PersonalValue, ...]


def build_signed_body(statement: Statement, *, new_salt: Callable[[], bytes]) -> SignedBody | Problem:
    """Make the bytes that a person signs.

    Args:
        statement: what is stated, with the rows that it covers.
        new_salt: gives 16 fresh random bytes at each call.
    """
    try:
        written = write_body(statement, new_salt=new_salt)
        if isinstance(written, Problem):
            return written
        body = rfc8785.dumps(written.body)  # type: ignore[arg-type]
    except rfc8785.CanonicalizationError as error:
        return Problem("invalid_value", f"This order holds something that cannot be signed: {error}.")
    problems = check_body(body)
    return problems[0] if problems else SignedBody(body=body, personal_values=written.personal_values)


def check_body(body: bytes) -> list[Problem]:
    """Say what is wrong with a body: size, shape, canonical form, text, what its meaning demands. Empty: nothing."""
    if len(body) > LARGEST_BYTES:
        return [Problem("too_large", f"A signed statement has at most {LARGEST_BYTES} bytes.")]
    try:
        parsed = msgspec.json.decode(body, type=Body)
        values = msgspec.to_builtins(parsed)
        is_canonical = rfc8785.dumps(values) == body
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        return [Problem("invalid_value", f"This is not a signed statement: {error}.")]
    if not is_canonical:
        return [Problem("invalid_value", "This signed statement is not in canonical form: it was written again.")]
    problems = [] if all(_is_plain(text) for text in _texts(values)) else [_NOT_PLAIN]
    if not all(is_commitment(commitment.c) for commitment in _commitments(parsed)):
        problems.append(Problem("invalid_value", "A commitment of this signed statement is malformed."))
    return problems + _unmet_demands(parsed)


_NOT_PLAIN = Problem("invalid_value", "This signed statement holds text that cannot be stored or is not normalized.")


def _is_plain(text: str) -> bool:
    return _UNSTORABLE.search(text) is None and unicodedata.is_normalized("NFC", text)


def _texts(value: object) -> Iterator[str]:
    """Walk all texts of a body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _commitments(parsed: Body) -> Iterator[Commitment]:
    position = parsed.arrival.position if parsed.arrival is not None else None
    return (each for each in (parsed.printed_name, parsed.contact, parsed.ink, position) if each is not None)


def _unmet_demands(parsed: Body) -> list[Problem]:
    """Say what a meaning demands and the body lacks."""
    problems = []
    if (parsed.meaning == "refused" or parsed.decision is not None) and not has_reason(parsed.reason):
        problems.append(Problem("reason_required", "Write down why the work is refused or returned."))
    if parsed.decision is not None and parsed.meaning != "reviewed":
        problems.append(Problem("invalid_value", "Only a review returns work."))
    if parsed.meaning in _WITH_INK and parsed.ink is None:
        problems.append(Problem("invalid_value", "Nothing was drawn. Sign inside the frame."))
    if (parsed.meaning in {"accepted", "refused"}) != (parsed.role == "customer"):
        problems.append(Problem("invalid_value", "The customer accepts or refuses; nobody else does."))
    return problems


def signing_input(meaning: str, body: bytes) -> bytes:
    """Give the bytes that the device's key signs. Raises ValueError for a meaning that does not exist."""
    if meaning not in MEANINGS:
        raise ValueError(f"{meaning!r} is no meaning of a signature")
    return SIGNING_PREFIX + meaning.encode() + b"\n" + body


def sha256_of(body: bytes) -> str:
    """Give the SHA-256 of a body, 64 hex digits."""
    return hashlib.sha256(body).hexdigest()


def first_digits(body: bytes) -> str:
    """Give the 12 hex digits that the signer sees."""
    return sha256_of(body)[:12]


def read_body(body: bytes) -> Body | Problem:
    """Read a body that has no fault; otherwise the first fault."""
    problems = check_body(body)
    return problems[0] if problems else msgspec.json.decode(body, type=Body)


def summary(body: bytes, personal_values: tuple[PersonalValue, ...] = ()) -> Summary | Problem:
    """Render a body for the review screen, from its bytes only.

    Args:
        body: as it will be, or was, signed.
        personal_values: shown only where they open the commitment at their path; without one it says *withheld*.
    """
    parsed = read_body(body)
    if isinstance(parsed, Problem):
        return parsed
    return render(parsed, first_digits=first_digits(body), personal_values=personal_values)
