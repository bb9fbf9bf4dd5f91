"""What server and device say to each other about the device itself: commands, its standing, sealed work, its wiping.

None of it needs a session: whoever was revoked has none. Each side signs what it says, and everything is bound to one
device; what the server says is bound to a number that the device has just sent, too, so that no old answer counts.
Ed25519 happens in the callers; here are the messages, and the bytes that are signed.
"""

from typing import Final

import msgspec

LOCK: Final = "lock"
"""Close the store; the person unlocks it again, his work is intact."""
VERIFY: Final = "verify"
"""Compare all content with its checksums."""
WIPE: Final = "wipe"
"""Hand in what was not sent, then destroy the keys and everything else."""
WIPE_NOW: Final = "wipe_now"
"""Destroy at once: the device was stolen, or could not hand anything in for as long as a lease lasts."""
KINDS: Final = (LOCK, VERIFY, WIPE, WIPE_NOW)

MAX_SEALED_BYTES: Final = 256 << 20
"""Bound of one sealed outbox, files included."""
SEALED_PART_BYTES: Final = 1 << 20


class DeviceCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a device has to do. `sig` is the server's over `command_input`.

    `recovery_public_key`: what work is sealed to when it is handed in (base64url); None: the organization has none.
    """

    id: str
    kind: str
    recovery_public_key: str | None = None
    sig: str


class StandingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A device that was refused asks how it stands. `sig` is the device's over `standing_input`."""

    organization_id: str
    device_id: str
    nonce: str
    sig: str


class StandingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`active` or `revoked`, and what the device has to do."""

    standing: str
    commands: tuple[DeviceCommand, ...] = ()


class SealedPart(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of a sealed outbox (rescue.py has its form) from `at` on; none of them asks where it stands.

    `sha256` (hex) and `size_bytes` are of the whole, `changes` how many are in it. `sig` is the device's over
    `sealed_input`.
    """

    organization_id: str
    device_id: str
    sha256: str
    size_bytes: int
    changes: int
    at: int
    content: bytes
    sig: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The server keeps a sealed outbox of a device. `sig` is the server's over `receipt_input`."""

    organization_id: str
    device_id: str
    sha256: str
    size_bytes: int
    changes: int
    received_at: str
    sig: str


class SealedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many bytes are there; the receipt, once all are."""

    received_bytes: int
    receipt: Receipt | None = None


class WipeReport(msgspec.Struct, frozen=True, kw_only=True):
    """A device has destroyed its keys and files because of a command. `sig` is the device's over `wipe_input`.

    `lost`: changes that nobody else has; `handed_in`: those that went sealed.
    """

    organization_id: str
    device_id: str
    command_id: str
    lost: int
    handed_in: int
    sig: str


def command_input(device_id: str, *, nonce: str, command_id: str, kind: str, recovery: str | None) -> bytes:
    """Give the bytes that the server signs for a command. `nonce`: what the device sent with its question."""
    return _statement("command", device_id, nonce, command_id, kind, recovery or "")


def standing_input(organization_id: str, device_id: str, nonce: str) -> bytes:
    """Give the bytes that a device signs to ask how it stands."""
    return _statement("standing", organization_id, device_id, nonce)


def sealed_input(part: SealedPart, content_sha256: str) -> bytes:
    """Give the bytes that a device signs for a part; its own `sig` does not matter."""
    whole = (part.sha256, str(part.size_bytes), str(part.changes))
    return _statement("sealed", part.organization_id, part.device_id, *whole, str(part.at), content_sha256)


def receipt_input(receipt: Receipt) -> bytes:
    """Give the bytes that the server signs for a receipt; its own `sig` does not matter."""
    what = (receipt.sha256, str(receipt.size_bytes), str(receipt.changes), receipt.received_at)
    return _statement("receipt", receipt.organization_id, receipt.device_id, *what)


def wipe_input(report: WipeReport) -> bytes:
    """Give the bytes that a device signs before it destroys its key; its own `sig` does not matter."""
    what = (report.command_id, str(report.lost), str(report.handed_in))
    return _statement("wiped", report.organization_id, report.device_id, *what)


def _statement(kind: str, *parts: str) -> bytes:
    """Join parts so that none can be read as another. Raises ValueError for one with a line break in it."""
    if any("\n" in part for part in parts):
        raise ValueError("a part of a statement has no line break")
    return "\n".join((f"cmms/{kind}/v1", *parts)).encode("utf-8", "surrogatepass")
