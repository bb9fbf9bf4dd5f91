"""Handing in a sealed outbox: part by part, from where the last try ended, until the server's receipt is here.

What is inside was made elsewhere and cannot be read here again. Needs no session: the device's key proves each part.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from cmms_desktop.credentials.device_key import DeviceSigner, proves
from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.replica.sync_state import SyncState
from cmms_desktop.sync.line_stream import DAMAGED
from cmms_desktop.sync.transport import Transport
from sync_server.contract.standing import (
    SEALED_PART_BYTES,
    Receipt,
    SealedAnswer,
    SealedPart,
    receipt_input,
    sealed_input,
)

MOST_PARTS: Final = 1_024
"""More than the largest sealed outbox has: a server that never takes the last one ends the try."""


def hand_in(
    transport: Transport,
    signer: DeviceSigner,
    state: SyncState,
    *,
    path: Path,
    changes: int,
    told: Callable[[], None],
) -> Receipt:
    """Send a sealed file and give the receipt, checked. `told` is called between two parts.

    Raises:
        ServerUnreachable: no whole answer, or a receipt that is not this server's; asked again later.
        Refused: the server does not take it.
    """
    size = path.stat().st_size
    whole = SealedPart(
        organization_id=state.organization_id,
        device_id=state.device_id,
        sha256=_digest(path),
        size_bytes=size,
        changes=changes,
        at=0,
        content=b"",
        sig="",
    )
    answer = transport.sealed(_signed(whole, signer))
    for _ in range(MOST_PARTS):
        if answer.receipt is not None:
            return _checked(answer.receipt, whole, state)
        told()
        answer = _send(transport, signer, whole, path=path, at=answer.received_bytes)
    raise ServerUnreachable(DAMAGED)


def _send(transport: Transport, signer: DeviceSigner, whole: SealedPart, *, path: Path, at: int) -> SealedAnswer:
    if not 0 <= at < whole.size_bytes:
        raise ServerUnreachable(DAMAGED)
    with path.open("rb") as file:
        file.seek(at)
        content = file.read(SEALED_PART_BYTES)
    return transport.sealed(_signed(msgspec.structs.replace(whole, at=at, content=content), signer))


def _signed(part: SealedPart, signer: DeviceSigner) -> SealedPart:
    content_sha256 = hashlib.sha256(part.content).hexdigest()
    return msgspec.structs.replace(part, sig=signer.sign_text(sealed_input(part, content_sha256)))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(receipt: Receipt, whole: SealedPart, state: SyncState) -> Receipt:
    """Take a receipt for exactly this, signed by the server that this device has always known."""
    said = (receipt.organization_id, receipt.device_id, receipt.sha256, receipt.size_bytes, receipt.changes)
    sent = (whole.organization_id, whole.device_id, whole.sha256, whole.size_bytes, whole.changes)
    is_right = said == sent and proves(state.server_key or "", receipt.sig, receipt_input(receipt))
    if not is_right:
        raise ServerUnreachable(DAMAGED)
    return receipt
