"""The closed list of problem codes (RFC 9457 `code`), each with its HTTP status and who can do something about it."""

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """Why something was refused: a code from CODES and a sentence for the person who can act."""

    code: str
    sentence: str


CODES: dict[str, int] = {
    # requests
    "bad_request": 400,
    "sign_in_failed": 401,
    "session_expired": 401,
    "device_revoked": 403,
    "code_needed": 403,
    "not_allowed": 403,
    "not_found": 404,
    "conflicting_reference": 409,
    "chain_broken": 409,
    "fork": 409,
    "cursor_invalid": 409,
    "too_large": 413,
    "chunk_damaged": 400,
    "contract_mismatch": 426,
    "busy": 503,
    "internal": 500,
    # verdicts of mutations
    "invalid_value": 422,
    "unknown_type": 422,
    "already_exists": 409,
    "mutation_reused": 409,
    "record_locked": 409,
    "illegal_transition": 409,
    "reason_required": 422,
    "sign_off_required": 409,
    "signature_invalid": 422,
    "own_work": 403,
    "append_only": 409,
    "group_refused": 409,
    "withdrawn": 409,
    # checklists
    "note_required": 422,
    "photo_required": 422,
    "answers_missing": 409,
    "not_a_number": 422,
    "not_a_choice": 422,
}
"""Code → HTTP status. Other modules add none: a test compares every code used with this list."""
