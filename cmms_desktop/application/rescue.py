"""Everything that this device keeps for the server, as one encrypted file that only its organization can open.

For a server that cannot be reached for long, or a device that has to be given up; handing it in twice changes nothing.

The outbox stays as it is: what the server takes from the file, an ordinary sync finds taken.
"""

import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from cmms_desktop.application.new_file import folder_for_documents, new_file, target_of
from cmms_desktop.application.session import BlobFolder, Outbox, Session
from cmms_desktop.credentials.sealed_file import SealedFile
from cmms_desktop.errors import Refused
from cmms_desktop.replica.blobs import BlobMissing
from cmms_desktop.replica.sealing import HandedOver
from sync_server.contract.rescue import FILES, KEPT, MANIFEST, PUSHES, KeptChange, Manifest

SUFFIX: Final = ".cmms-rescue"
NO_KEY: Final = (
    "Your organization has no recovery key, or this device has not heard of it. Sync once after your administrator "
    "has made one."
)


@dataclass(frozen=True, slots=True)
class Work:
    """What a device keeps for the server, and who seals it. `unsent_files` gives the digests of files."""

    outbox: Outbox
    blobs: BlobFolder
    unsent_files: Callable[[], tuple[str, ...]]
    sign: Callable[[bytes], bytes]
    organization_id: Callable[[], str]
    person_id: str
    device_id: str
    app_version: str
    is_training: bool = False


@dataclass(frozen=True, slots=True)
class Rescued:
    """What was written. `changes` are those that the server has not answered, `missing` files that cannot be read."""

    path: str
    changes: int
    files: int
    missing: int
    is_training: bool = False


def rescue_path(login: str, on: date, *, is_training: bool = False) -> str:
    """Suggest where to; the name of an exercise's file says that it is one."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in login).strip("-")
    kind = "training-" if is_training else ""
    return str(folder_for_documents() / f"{kind}{plain or 'work'}-{on.isoformat()}{SUFFIX}")


def write_rescue(session: Session, path: str, *, made_at: str) -> Rescued:
    """Write all work that this device keeps; `made_at` in wire form. Slow: reads every file that waits.

    Raises:
        Refused: no recovery key, no file's name, or such a file exists.
        EnvironmentFailure: the disk or the folder does not take it; nothing is left behind.
    """
    recovery_key = session.hand_over.recovery_key()
    if recovery_key is None:
        raise Refused("recovery_key_missing", NO_KEY)
    return write_sealed(_work_of(session), target_of(path), recovery_key=recovery_key, made_at=made_at)


def write_sealed(work: Work, target: Path, *, recovery_key: str, made_at: str, with_files: bool = True) -> Rescued:
    """As `write_rescue`, for whoever has no session. Without files their digests are named as missing."""
    with new_file(target) as file, SealedFile(file, recovery_key) as sealed:
        handed = work.outbox.hand_over(work.sign)
        archive = _Archive(sealed)
        _add_changes(archive, handed)
        files, missing = _add_files(archive, work) if with_files else (0, work.unsent_files())
        manifest = Manifest(
            organization_id=work.organization_id(),
            person_id=work.person_id,
            device_id=work.device_id,
            made_at=made_at,
            app_version=work.app_version,
            changes=handed.unanswered,
            files=files,
            missing=missing,
            training=work.is_training,
        )
        archive.add(MANIFEST, msgspec.json.encode(manifest))
        archive.close()
    return Rescued(str(target), handed.unanswered, files, len(missing), work.is_training)


def _work_of(session: Session) -> Work:
    return Work(
        outbox=session.outbox,
        blobs=session.blobs,
        unsent_files=session.unsent_files,
        sign=session.hand_over.sign,
        organization_id=lambda: session.state().organization_id,
        person_id=session.signed_in.person_id,
        device_id=session.signed_in.device_id,
        app_version=session.hand_over.app_version,
        is_training=session.signed_in.is_training,
    )


def _add_changes(archive: "_Archive", handed: HandedOver) -> None:
    """Write pushes, and what cannot be pushed."""
    for number, batch in enumerate(handed.pushes, start=1):
        archive.add(f"{PUSHES}{number:05}.json", msgspec.json.encode(batch.request()))
    kept = [KeptChange(mutation_id=id_, state=s, body=b, code=c, reason=r) for id_, s, b, c, r in handed.kept]
    archive.add(KEPT, msgspec.json.encode(kept))


def _add_files(archive: "_Archive", work: Work) -> tuple[int, tuple[str, ...]]:
    """Write files; give their number and the digests of missing ones."""
    missing: list[str] = []
    waiting = work.unsent_files()
    for sha256 in waiting:
        try:
            content = work.blobs.read(sha256)
        except BlobMissing:
            missing.append(sha256)
        else:
            archive.add(f"{FILES}{sha256}", content)
    return len(waiting) - len(missing), tuple(missing)


class _Archive:
    """A tar archive without names, times or owners of this device."""

    def __init__(self, stream: SealedFile) -> None:
        self._tar = tarfile.open(mode="w|", fileobj=cast(Any, stream), format=tarfile.PAX_FORMAT)  # noqa: SIM115

    def add(self, name: str, content: bytes) -> None:
        """Add a member."""
        member = tarfile.TarInfo(name)
        member.size = len(content)
        self._tar.addfile(member, BytesIO(content))

    def close(self) -> None:
        """Write the end of the archive."""
        self._tar.close()
