"""Profiles as an administrator signs them, and as nobody should be able to."""

import random
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync_server.contract.instants import instant_text
from sync_server.contract.rules.logo import MARK
from sync_server.contract.rules.profile import PREFIX

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([8] * 32))


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def public(key: Ed25519PrivateKey) -> str:
    return b64(key.public_key().public_bytes_raw())


def facts(**changes: Any) -> dict[str, Any]:
    """The fields of a profile that is right, with some changed; None leaves one out."""
    told: dict[str, Any] = {
        "version": 1,
        "organization": "north-works",
        "serial": 5,
        "signed_at": instant_text(NOW - timedelta(days=1)),
        "not_after": instant_text(NOW + timedelta(days=30)),
        "organization_key": public(KEY),
        "server_url": "https://sync.north-works.example",
        **changes,
    }
    return {name: value for name, value in told.items() if value is not None}


def sealed(told: Mapping[str, Any], *keys: Ed25519PrivateKey) -> bytes:
    """Sign whatever is told, right or wrong, with these keys."""
    message = PREFIX + rfc8785.dumps(dict(told))
    seals = [{"key": public(key), "signature": b64(key.sign(message))} for key in keys or (KEY,)]
    return msgspec.json.encode({"profile": told, "seals": seals})


def profile(*keys: Ed25519PrivateKey, **changes: Any) -> bytes:
    """A profile as a file. The organization's key is the first one."""
    first = {"organization_key": public(keys[0])} if keys else {}
    return sealed(facts(**{**first, **changes}), *keys)


def png(
    width: int = 8, height: int = 8, *, colour: tuple[int, int, int] = (10, 94, 112), more: bytes = b"", noise: int = 0
) -> bytes:
    """A picture of one colour. `more`: a kind of chunk besides; `noise`: bytes in it that nothing packs."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    rows = (b"\0" + bytes(colour) * width) * height
    rows = random.Random(1).randbytes(noise) + rows[noise:]
    return (
        MARK
        + chunk(b"IHDR", head)
        + (chunk(more, b"a\0b") if more else b"")
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
