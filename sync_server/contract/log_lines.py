"""Lines of the activity log that the server signs and devices keep: how a log that was changed is found (D-233).

A device keeps the newest one it was told and asks about it with every hello. Nothing of what a line says is in here.
"""

import msgspec

PREFIX = "cmms/activity-checkpoint/v1"


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """Number (from 1) and hash (hex) of a line, when the server signed it, and its signature over `signing_input`."""

    seq: int
    hash: str
    signed_at: str
    signature: str


class LogNews(msgspec.Struct, frozen=True, kw_only=True):
    """What the server says of its log. `newest`: the last line that it signed; None: none, or not with today's key.

    `asked`: number of the line that the device keeps, 0: none; `hash`: of that line as it is here, "": there is none.
    """

    newest: LogLine | None = None
    asked: int = 0
    hash: str = ""


def signing_input(organization_id: str, seq: int, digest: str, *, signed_at: str) -> bytes:
    """Give the bytes that the server signs for a line."""
    return "\n".join((PREFIX, organization_id, str(seq), digest, signed_at)).encode()
