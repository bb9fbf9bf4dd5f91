"""Wiping one person's enrolment: the wrapped key first, then the keyring's entries, then every file, then the report.

A note beside the person's folder is written before anything is destroyed and goes last, so that a program that was
killed at any step goes on with it when it starts again. The note opens nothing and names no work. What is destroyed
stays destroyed: nothing here can be undone. Once all is gone, the note is renamed and only waits for its report: what
the person makes here after that, in a new enrolment, is not the wipe's.
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
from cmms_desktop.credentials.key_file import delete_key_file, read_key_file
from cmms_desktop.credentials.secret_store import SecretStore
from cmms_desktop.errors import CmmsError, KeyringUnavailable, ReplicaUnavailable
from cmms_desktop.lasting_names import sync_folder
from sync_server.contract.standing import Receipt, WipeReport

_NOTE: Final = ".wipe.json"
"""Ends the name of a person's wipe that goes on."""
_GONE: Final = ".wiped.json"
"""Ends the name of a device that is destroyed and not yet reported."""
_RECEIPT: Final = ".receipt.json"
NOT_NOTED: Final = "The disk of this device does not take anything. Free some space; nothing was removed yet."
NOT_GONE: Final = "What your organization removed from this device is not all gone yet. Restart it, then sign in again."


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
        with suppress(OSError):  # tried again by `finish`, as the keyring's
            delete_key_file(self._settings.keys_path(note.person_id))
        with suppress(KeyringUnavailable):
            self._secrets(note).forget()

    def finish(self) -> tuple[WipeNote, ...]:
        """Go on with every wipe that was begun, once no store is open; give those that can be reported.

        What cannot be removed now, because the keyring is locked or a file is in use, is tried the next time.
        """
        return tuple(note for path, note in self._notes() if self._finish(path, note))

    def make_room(self, person_id: str) -> None:
        """Go on with the wipe of somebody who is about to enrol anew, so that it cannot reach what he makes then.

        Raises:
            ReplicaUnavailable: something of the old enrolment is still there.
        """
        for path, note in self._notes():
            if note.person_id == person_id and not self._finish(path, note):
                raise ReplicaUnavailable(NOT_GONE)

    def begun(self) -> tuple[WipeNote, ...]:
        """Give the wipes that are not ended; what is no note is passed over."""
        return tuple(note for _, note in self._notes())

    def end(self, note: WipeNote) -> None:
        """Forget a wipe: it was reported, or nobody waits for the report."""
        for path, kept in self._notes():
            if kept == note:
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

    def _notes(self) -> tuple[tuple[Path, WipeNote], ...]:
        folder, notes = self._settings.organization_folder, []
        try:
            paths = sorted((*folder.glob(f"*{_NOTE}"), *folder.glob(f"*{_GONE}")))
        except OSError:
            return ()
        for path in paths:
            with suppress(OSError, msgspec.DecodeError):
                notes.append((path, msgspec.json.decode(path.read_bytes(), type=WipeNote)))
        return tuple(notes)

    def _finish(self, path: Path, note: WipeNote) -> bool:
        """Destroy what is left, unless somebody has enrolled since; tell whether nothing is left of this device."""
        if path.name.endswith(_GONE):
            return True
        try:
            owner = self._owner(note.person_id)
            if owner in {None, note.device_id}:
                delete_key_file(self._settings.keys_path(note.person_id))
            self._secrets(note).forget()
            if owner in {None, note.device_id}:
                self._remove_files(note)
        except (OSError, CmmsError):
            return False
        with suppress(OSError):  # then it is looked at again, and the key file tells whose the folder is
            path.replace(path.with_name(f"{note.device_id}{_GONE}"))
            sync_folder(path.parent)
        return True

    def _owner(self, person_id: str) -> str | None:
        """The device whose keys are there, or None. Raises ReplicaUnavailable for a file that cannot be read."""
        path = self._settings.keys_path(person_id)
        return read_key_file(path).device_id if path.exists() else None

    def _secrets(self, note: WipeNote) -> EnrolmentSecrets:
        return EnrolmentSecrets(
            self._store,
            organization_slug=self._settings.organization_slug,
            person_id=note.person_id,
            device_id=note.device_id,
        )

    def _remove_files(self, note: WipeNote) -> None:
        folder = self._settings.person_folder(note.person_id)
        if folder.exists():
            shutil.rmtree(folder)
            sync_folder(folder.parent)


def _write(path: Path, content: bytes) -> None:
    """Put a file there whole or not at all."""
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)
