"""Taking in what a revoked device hands in sealed, and opening it for whoever has the recovery key.

The bytes are kept as they are, in the database, and a receipt says so; this server cannot read them. Nothing of what is
cut off, changed or not sealed at all is kept. Handing in the same again brings the same receipt.
"""

import hashlib
import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.rescue import read_rescue, take_over
from sync_server.application.standing import ids_of, not_proved, proved
from sync_server.application.tenants.suspending import is_being_removed
from sync_server.authz.server_key import ServerKey
from sync_server.contract.column_types import instant_text
from sync_server.contract.rescue import BOX_BYTES, MAGIC, KeptChange
from sync_server.contract.standing import (
    MAX_SEALED_BYTES,
    SEALED_PART_BYTES,
    Receipt,
    SealedAnswer,
    SealedPart,
    receipt_input,
    sealed_input,
)
from sync_server.errors import EnvironmentFailure, Refused
from sync_server.storage import devices, sealed_outboxes
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from sync_server.storage.sealed_outboxes import SealedOutbox

MOST_OF_A_DEVICE_BYTES = 4 * MAX_SEALED_BYTES
"""All that one device may hand in: a new file with every change of mind, and then no more."""
TOO_LARGE = "A device hands in at most 256 MiB at once, in parts of 1 MiB."
DAMAGED = "What was handed in is no sealed outbox, or was damaged or cut off. Nothing of it was kept."


def take_part(database: Database, part: SealedPart, *, key: ServerKey) -> SealedAnswer:
    """Take a part, or tell where the next one begins; the last one brings the receipt.

    Raises:
        Refused: the device does not prove itself; it is too much; or what arrived is not what was announced.
    """
    content_sha256 = hashlib.sha256(part.content).hexdigest()
    try:
        message = sealed_input(part, content_sha256)
    except ValueError as error:
        raise not_proved() from error
    organization_id, device_id = ids_of(part.organization_id, part.device_id)
    with database.transaction("app_sync", organization_id) as connection:
        proved(connection, organization_id, device_id, sig=part.sig, message=message)
        _require_kept(connection, organization_id, device_id)
        _require_sound(part)
        outbox = sealed_outboxes.find(connection, organization_id, device_id, part.sha256)
        if outbox is None:
            outbox = _begun(connection, part)
        if (outbox.size_bytes, outbox.changes) != (part.size_bytes, part.changes):
            raise Refused("bad_request", DAMAGED)
        answer = _answer(connection, part, outbox, key=key)
    if answer is None:
        raise Refused("bad_request", DAMAGED)
    return answer


def _require_kept(connection: Connection[TupleRow], organization_id: str, device_id: str) -> None:
    """Refuse what an organization that is being removed would not keep: whoever has a receipt destroys the rest.

    A removal begins by writing every device, so it waits for whoever holds one, and then sees what he has brought.
    """
    devices.lock(connection, organization_id, device_id)
    if is_being_removed(connection, organization_id):
        raise not_proved()


def _require_sound(part: SealedPart) -> None:
    if len(part.content) > SEALED_PART_BYTES or part.size_bytes > MAX_SEALED_BYTES:
        raise Refused("too_large", TOO_LARGE)
    is_hex = len(part.sha256) == 64 and set(part.sha256) <= set("0123456789abcdef")
    fits = part.at >= 0 and part.at + len(part.content) <= part.size_bytes and 0 <= part.changes < 2**31
    if not is_hex or not fits or part.size_bytes <= len(MAGIC) + BOX_BYTES:
        raise Refused("bad_request", DAMAGED)


def _begun(connection: Connection[TupleRow], part: SealedPart) -> SealedOutbox:
    """Make room for what begins as a sealed outbox does; whoever only asks gets none yet."""
    unmade = SealedOutbox("", part.size_bytes, 0, part.changes, None)
    if part.at or not part.content:
        return unmade
    if not part.content.startswith(MAGIC):
        raise Refused("bad_request", DAMAGED)
    organization_id, device_id = part.organization_id, part.device_id
    if sealed_outboxes.stored_bytes(connection, organization_id, device_id) + part.size_bytes > MOST_OF_A_DEVICE_BYTES:
        raise Refused("too_large", TOO_LARGE)
    return sealed_outboxes.begin(
        connection, organization_id, device_id, sha256=part.sha256, size=part.size_bytes, changes=part.changes
    )


def _answer(
    connection: Connection[TupleRow], part: SealedPart, outbox: SealedOutbox, *, key: ServerKey
) -> SealedAnswer | None:
    """Take what follows; None: all is there and it is not what was announced, so it is gone."""
    organization_id = part.organization_id
    if outbox.complete_at is not None:
        return _receipt(part, instant_text(outbox.complete_at), key)
    if part.at != outbox.received_bytes or not part.content:
        return SealedAnswer(received_bytes=outbox.received_bytes)
    sealed_outboxes.append(connection, organization_id, outbox.id, at=part.at, content=part.content)
    received = part.at + len(part.content)
    if received < part.size_bytes:
        return SealedAnswer(received_bytes=received)
    if sealed_outboxes.digest_of(connection, organization_id, outbox.id) != part.sha256:
        sealed_outboxes.drop(connection, organization_id, outbox.id)
        return None
    return _receipt(part, instant_text(sealed_outboxes.complete(connection, organization_id, outbox.id)), key)


def _receipt(part: SealedPart, received_at: str, key: ServerKey) -> SealedAnswer:
    unsigned = Receipt(
        organization_id=part.organization_id,
        device_id=part.device_id,
        sha256=part.sha256,
        size_bytes=part.size_bytes,
        changes=part.changes,
        received_at=received_at,
        sig="",
    )
    receipt = msgspec.structs.replace(unsigned, sig=key.sign(receipt_input(unsigned)))
    return SealedAnswer(received_bytes=part.size_bytes, receipt=receipt)


@dataclass(frozen=True, slots=True)
class SealedTakenOver:
    """What became of all that was handed in. `failed`: how many could not be opened or taken over, and why."""

    outboxes: int
    verdicts: dict[str, int]
    files: int
    kept: tuple[KeptChange, ...]
    failed: tuple[str, ...]


def take_over_sealed(
    database: Database,
    organization_id: str,
    *,
    private_key: X25519PrivateKey,
    store: BlobStore,
    shows_again: bool = False,
    past_gaps: bool = False,
) -> SealedTakenOver:
    """Take over everything that devices have handed in and nobody has taken over, as if they sent it now.

    So the work of a device that is revoked, or its person inactive, is held for a person. One that cannot be taken over
    stops none of the others and stays: sealed to an older key, from a newer app, or while the store of photos is away.

    Args:
        past_gaps: As in `rescue.take_over`.
        shows_again: Give what cannot be applied of those that were taken over before too; nothing of them is applied.
    """
    with database.transaction("app_sync", organization_id, read_only=True) as connection:
        known = sealed_outboxes.whole(connection, organization_id)
    verdicts: Counter[str] = Counter()
    kept: list[KeptChange] = []
    failed: list[str] = []
    files = outboxes = 0
    for outbox_id, is_taken_over in known:
        if is_taken_over and not shows_again:
            continue
        with tempfile.TemporaryDirectory(prefix="cmms-sealed-") as scratch:
            path = _written(database, organization_id, outbox_id, Path(scratch))
            try:
                if is_taken_over:
                    kept += read_rescue(path, private_key).kept
                    continue
                taken = take_over(
                    database, organization_id, path, private_key=private_key, store=store, past_gaps=past_gaps
                )
            except (Refused, EnvironmentFailure) as problem:
                failed.append(problem.sentence)
                continue
        with database.transaction("app_sync", organization_id) as connection:
            sealed_outboxes.note_taken_over(connection, organization_id, outbox_id)
        verdicts.update(taken.verdicts)
        kept += taken.kept
        files += taken.files
        outboxes += 1
    return SealedTakenOver(outboxes, dict(verdicts), files, tuple(kept), tuple(failed))


def _written(database: Database, organization_id: str, outbox_id: str, folder: Path) -> Path:
    """Write one into a file that nobody else reads."""
    path = folder / "sealed"
    with (
        database.transaction("app_sync", organization_id, read_only=True) as connection,
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
    ):
        for part in sealed_outboxes.content_of(connection, organization_id, outbox_id):
            file.write(part)
    return path
