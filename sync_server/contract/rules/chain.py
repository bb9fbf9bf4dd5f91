"""The chain of sealed mutations of one device, and the bytes that its key signs.

Digests and bytes only: Ed25519 happens in the callers. `head` is the digest of the last mutation, "" before the first.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

import msgspec

SEAL_PREFIX = b"cmms/seal/v1\n"
PROOF_PREFIX = b"cmms/proof/v1\n"

_DEVICE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEAD = re.compile(r"[0-9a-f]{64}")

Link = tuple[int, str, bytes]
"""(device_seq, prev, sealed bytes) of one mutation; the first two as read from the sealed bytes."""


class ChainVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch means for the stored chain.

    `ok`: the chain may move to (`seq`, `head`); `fresh` mutations at the end of the batch are new, those before them
    are deliveries again and must be answered from what was stored. `gap`: send again from `resend_from`.
    `broken`: this is not the chain that was stored; `seq` and `head` stay.
    """

    kind: Literal["ok", "gap", "broken"]
    seq: int
    head: str
    fresh: int = 0
    resend_from: int | None = None


def digest_of(sealed: bytes) -> str:
    """Give the SHA-256 of sealed bytes, 64 lower-case hex digits."""
    return hashlib.sha256(sealed).hexdigest()


def seal_input(device_id: str, *, from_seq: int, to_seq: int, head: str) -> bytes:
    """Give the bytes that a seal signs: mutations from_seq to to_seq (inclusive) of the device end in `head`.

    Raises:
        ValueError: a part that could be read as another (ids and heads are matched whole), or an empty range.
    """
    if _DEVICE.fullmatch(device_id) is None or _HEAD.fullmatch(head) is None or not 1 <= from_seq <= to_seq:
        raise ValueError("a seal names a device, a range of at least one mutation and a head of 64 hex digits")
    return SEAL_PREFIX + b"\n".join(part.encode() for part in (device_id, str(from_seq), str(to_seq), head))


def proof_input(access_token: str) -> bytes:
    """Give the bytes that a Device-Proof signs. Raises ValueError when the token is not ASCII or empty."""
    if not access_token or not access_token.isascii():
        raise ValueError("an access token is ASCII text")
    return PROOF_PREFIX + access_token.encode()


def verify_chain(stored_seq: int, stored_head: str, links: Sequence[Link]) -> ChainVerdict:
    """Compare a batch with what the server knows of the device.

    Args:
        stored_seq: device_seq of the last mutation received, 0 before the first.
        stored_head: its digest, "" before the first.
        links: the batch, ascending; it may begin with mutations that were received before.
    """
    if not links:
        return ChainVerdict(kind="ok", seq=stored_seq, head=stored_head)
    known = {0: "", stored_seq: stored_head}
    seq, head = links[0][0] - 1, links[0][1]
    if 0 <= seq <= stored_seq and known.get(seq, head) != head:
        return ChainVerdict(kind="broken", seq=stored_seq, head=stored_head)
    seq = min(seq, stored_seq)
    for device_seq, prev, sealed in links:
        if device_seq > seq + 1:
            return ChainVerdict(kind="gap", seq=stored_seq, head=stored_head, resend_from=seq + 1)
        fits = device_seq == seq + 1 >= 1 and prev == head
        seq, head = device_seq, digest_of(sealed)
        if not fits or known.get(seq, head) != head:
            return ChainVerdict(kind="broken", seq=stored_seq, head=stored_head)
    if seq <= stored_seq:
        return ChainVerdict(kind="ok", seq=stored_seq, head=stored_head)
    return ChainVerdict(kind="ok", seq=seq, head=head, fresh=seq - stored_seq)
