"""Cursors and bootstrap tokens: opaque to the client, signed, bound to one organization and device.

A cursor says how far each scope was read and carries the nonce of the top commit, so that a restored server is found
out even when it has advanced past the client (sync.md §3, §8).
"""

import base64
import hashlib
import hmac
from typing import TypeVar

import msgspec

from sync_server.authz.claims import Asker
from sync_server.errors import Refused

MAC_BYTES = 16


class Cursor(msgspec.Struct, frozen=True):
    """How far a device has read. `top` is the highest commit it knows, `nonce` that commit's."""

    epoch: str
    top: int
    nonce: int
    scopes: dict[str, int]


class Token(msgspec.Struct, frozen=True):
    """How far a bootstrap has come. `upto` and `nonce` are the clock's at its first slice."""

    epoch: str
    scope: str
    upto: int
    nonce: int
    after: str


Payload = TypeVar("Payload", Cursor, Token)


def sign(payload: Cursor | Token, *, key: bytes, caller: Asker) -> str:
    """Write a payload so that only this device can bring it back, unchanged."""
    body = msgspec.json.encode(payload)
    return base64.urlsafe_b64encode(_mac(body, key, caller) + body).decode()


def read(text: str, type_: type[Payload], *, key: bytes, caller: Asker) -> Payload:
    """Read what sign wrote. Raises Refused for anything else."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii", "strict"))
        mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(body, key, caller)):
            raise ValueError("signature")
        return msgspec.json.decode(body, type=type_)
    except (ValueError, msgspec.DecodeError) as error:
        raise Refused(
            "cursor_invalid", "The device's reading position is not this server's. It reads afresh."
        ) from error


def _mac(body: bytes, key: bytes, caller: Asker) -> bytes:
    bound = f"{caller.organization_id}|{caller.device_id}|".encode()
    return hmac.digest(key, bound + body, hashlib.sha256)[:MAC_BYTES]
