"""A wipe that is killed before each of its steps: the key goes first, and what is left goes at the next start."""

import os
import shutil
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.identity import Enrolment, Installation
from cmms_desktop.credentials.wiping import WipeNote, Wiping
from cmms_desktop.demo.secrets_file import SecretsFile
from cmms_desktop.errors import CmmsError, ReplicaUnavailable
from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.replica.transaction import Replica
from sync_server.contract.standing import WipeReport
from tests.support.replicas import DEVICE, ORGANIZATION, TECHNICIAN

PASSWORD = "correct horse battery"
STEPS = frozenset({"os.remove", "os.rename", "os.rmdir", "open"})
MOST_STEPS = 200
NEW_DEVICE = "0198c0de-0000-7000-8000-00000000abcd"


class Place:
    """An installation on the disk, secrets too, so that a copy of the folder is all of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = ClientSettings(folder / "data", "https://cmms.example", "north-works")
        self.store = SecretsFile(folder / "secrets.json")
        self.wiping = Wiping(self.settings, self.store)

    @property
    def installation(self) -> Installation:
        return Installation(self.settings, self.store, clock=lambda: datetime.now(UTC), profile=keys.CHEAPEST)

    def fill(self, device_id: str = DEVICE) -> None:
        """Enrol the technician, with a store and a file."""
        enrolment = Enrolment(TECHNICIAN, "technician", "technician")
        identity = self.installation.enrol(enrolment, PASSWORD, signer=DeviceSigner.generate(device_id))
        with Replica.open(self.settings.replica_path(TECHNICIAN), identity.replica_key):
            BlobFolder(self.settings.blobs_folder(TECHNICIAN), identity.replica_key).keep(b"a photo")

    def opens(self) -> bool:
        try:
            self.installation.unlock(TECHNICIAN, PASSWORD)
        except CmmsError:
            return False
        return True

    def files(self) -> set[str]:
        folder = self.settings.person_folder(TECHNICIAN)
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    def secrets(self) -> bool:
        return TECHNICIAN in (self.folder / "secrets.json").read_text("utf-8")


NOTE = WipeNote(
    TECHNICIAN,
    DEVICE,
    "Everything on it was removed.",
    WipeReport(organization_id=ORGANIZATION, device_id=DEVICE, command_id="c", lost=0, handed_in=0, sig="s"),
)


def killed_before(place: Place, step: int) -> bool:
    """Wipe in a process of its own, which gets SIGKILL before a step; tell whether it got that far."""
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event in STEPS and str(arguments[0]).startswith(str(place.folder)):
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1

        sys.addaudithook(hook)
        try:
            place.wiping.begin(NOTE)
            place.wiping.finish()
            place.wiping.end(NOTE)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked here, which this system cannot")
def test_a_wipe_killed_before_any_step_destroys_the_key_first_and_ends_at_the_next_start(tmp_path: Path) -> None:
    first = Place(tmp_path / "first")
    first.fill()
    whole = first.files()
    assert {"keys.json", "replica.db"} < whole
    killed = 0
    for step in range(MOST_STEPS):
        shutil.copytree(first.folder, tmp_path / str(step))
        place = Place(tmp_path / str(step))
        was_killed = killed_before(place, step)
        begun = bool(place.wiping.begun())
        if place.files() != whole:
            assert "keys.json" not in place.files(), "something went before the key"
            assert not place.opens()
        elif not begun and place.settings.keys_path(TECHNICIAN).exists():
            assert place.opens(), "a wipe that was not begun has taken something"
        for note in place.wiping.finish():
            assert note == NOTE
            place.wiping.end(note)
        if begun or not was_killed:
            assert not place.settings.person_folder(TECHNICIAN).exists()
            assert not place.secrets()
            assert place.wiping.begun() == ()
        shutil.rmtree(place.folder)
        if not was_killed:
            break
        killed += 1
    assert 10 <= killed < MOST_STEPS


def test_a_disk_that_takes_no_note_keeps_everything(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.fill()
    whole = place.files()
    (place.settings.organization_folder / f"{TECHNICIAN}.wipe.json.new").mkdir()
    with pytest.raises(ReplicaUnavailable):
        place.wiping.begin(NOTE)
    assert place.files() == whole
    assert place.opens()


def test_a_report_that_waits_destroys_nothing_of_a_new_enrolment(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.fill()
    place.wiping.begin(NOTE)
    assert place.wiping.finish() == (NOTE,)
    place.fill(NEW_DEVICE)
    whole = place.files()
    assert place.wiping.finish() == (NOTE,)
    assert place.files() == whole
    assert place.opens()
    place.wiping.end(NOTE)
    assert place.wiping.begun() == ()


def test_a_note_that_says_nothing_of_the_end_spares_the_keys_of_another_device(tmp_path: Path) -> None:
    """As when its new name did not reach the disk."""
    place = Place(tmp_path)
    place.fill()
    place.wiping.begin(NOTE)
    (note,) = place.settings.organization_folder.glob("*.wipe.json")
    content = note.read_bytes()
    place.wiping.finish()
    place.fill(NEW_DEVICE)
    note.write_bytes(content)
    whole = place.files()
    place.wiping.finish()
    assert place.files() == whole
    assert place.opens()


def test_two_devices_of_one_person_that_were_wiped_are_both_reported(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.fill()
    place.wiping.begin(NOTE)
    place.wiping.finish()
    place.fill(NEW_DEVICE)
    second = msgspec.structs.replace(NOTE, device_id=NEW_DEVICE)
    place.wiping.begin(second)
    assert set(place.wiping.finish()) == {NOTE, second}
    assert not place.settings.person_folder(TECHNICIAN).exists()
    place.wiping.end(second)
    assert place.wiping.begun() == (NOTE,)


def test_nobody_enrols_over_what_a_wipe_could_not_remove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    place.fill()
    place.wiping.begin(NOTE)

    def in_use(_: Path) -> None:
        raise PermissionError("in use")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", in_use)
        assert place.wiping.finish() == ()
        with pytest.raises(ReplicaUnavailable):
            place.wiping.make_room(TECHNICIAN)
        place.wiping.make_room(NEW_DEVICE)
    place.wiping.make_room(TECHNICIAN)
    assert not place.settings.person_folder(TECHNICIAN).exists()
    place.fill(NEW_DEVICE)
    place.wiping.finish()
    assert place.opens()
