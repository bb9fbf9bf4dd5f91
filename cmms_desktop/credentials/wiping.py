"""Wiping one person's enrolment: the wrapped key first, then the keyring's entries, then every file, then the report.

A note beside the person's folder is written before anything is destroyed and goes last, so that a program that was
killed at any step goes on with it when it starts again. The note opens nothing and names no work. What is destroyed
stays destroyed: nothing here can be undone.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials.enrolment_secrets import EnrolmentSecrets
from cmms_desktop.credentials.key_file import delete_key_file, sync_folder
from cmms_desktop.credentials.secret_store import SecretStore
from cmms_desktop.errors import KeyringUnavailable, ReplicaUnavailable
from sync_server.contract.standing import Receipt, WipeReport

_NOTE: Final = ".wipe.json"
_RECEIPT: Final = ".receipt.json"
NOT_NOTED: Final = "The disk of this device does not take anything. Free some space; nothing was removed yet."


class WipeNote(msgspec.Struct, frozen=True):
    """A wipe that was begun: whose, what the person is told, and the report, signed while there was a key."""

    person_id: str
    device_id: str
    sentence: str
    report: WipeReport


class Wiping:
    """The wipes of one installation."""

    def __init__(self, settings: ClientSettings, store: SecretStore) -> None:
        self._settings = settings
        self._store = store

    def begin(self, note: WipeNote) -> None:
        """Destroy the keys of a person. The store may still be open; nothing opens it again.

        Raises:
            ReplicaUnavailable: the note could not be written; nothing was destroyed.
        """
        content, folder = msgspec.json.encode(note), self._settings.organization_folder
        try:
            _write(folder / f"{note.person_id}{_NOTE}", content)
        except OSError as error:
            raise ReplicaUnavailable(NOT_NOTED) from error
        self._destroy_keys(note)

    def finish(self) -> tuple[WipeNote, ...]:
        """Go on with every wipe that was begun, once no store is open; give those that can be reported.

        What cannot be removed now, because the keyring is locked or a file is in use, is tried the next time.
        """
        return tuple(note for note in self.begun() if self._destroy_keys(note) and self._remove_files(note))

    def begun(self) -> tuple[WipeNote, ...]:
        """Give the wipes that are not ended; what is no note is passed over."""
        try:
            paths = sorted(self._settings.organization_folder.glob(f"*{_NOTE}"))
        except OSError:
            return ()
        notes = []
        for path in paths:
            with suppress(OSError, msgspec.DecodeError):
                notes.append(msgspec.json.decode(path.read_bytes(), type=WipeNote))
        return tuple(notes)

    def end(self, note: WipeNote) -> None:
        """Forget a wipe: it was reported, or nobody waits for the report."""
        path = self._settings.organization_folder / f"{note.person_id}{_NOTE}"
        with suppress(OSError):
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    def keep_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt where wiping leaves it: whoever made the work can prove that it was handed in.

        Raises:
            ReplicaUnavailable: it could not be written.
        """
        path = self._settings.organization_folder / f"{receipt.device_id}{_RECEIPT}"
        try:
            _write(path, msgspec.json.encode(receipt))
        except OSError as error:
            raise ReplicaUnavailable(NOT_NOTED) from error

    def receipts(self) -> tuple[Receipt, ...]:
        """Give the receipts that are kept here."""
        found = []
        for path in sorted(self._settings.organization_folder.glob(f"*{_RECEIPT}")):
            with suppress(OSError, msgspec.DecodeError):
                found.append(msgspec.json.decode(path.read_bytes(), type=Receipt))
        return tuple(found)

    def _destroy_keys(self, note: WipeNote) -> bool:
        """Destroy the wraps, then the keyring's half; tell whether both are gone."""
        delete_key_file(self._settings.keys_path(note.person_id))
        secrets = EnrolmentSecrets(
            self._store,
            organization_slug=self._settings.organization_slug,
            person_id=note.person_id,
            device_id=note.device_id,
        )
        try:
            secrets.forget()
        except KeyringUnavailable:
            return False
        return True

    def _remove_files(self, note: WipeNote) -> bool:
        folder = self._settings.person_folder(note.person_id)
        try:
            if folder.exists():
                shutil.rmtree(folder)
                sync_folder(folder.parent)
        except OSError:
            return False
        return True


def _write(path: Path, content: bytes) -> None:
    """Put a file there whole or not at all."""
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)
