"""An exercise is never taken for real work: a profile that changes one into the other is as another organization's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cmms_desktop.config import ClientSettings
from cmms_desktop.errors import Refused
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.in_force import FILE_NAME, read_in_force
from cmms_desktop.profile.places import Place
from cmms_desktop.profile.taking import ADMINISTRATORS, Offer, Profiles
from sync_server.contract.rules.profile import Profile, kept_under, told_of
from sync_server.contract.rules.profile_taking import OTHER_ORGANIZATION
from tests.support.profiles import NOW, OTHER_KEY, profile

PERSON = "0198f000-0000-7000-8000-00000000000a"
REAL, EXERCISE = "north-works", "north-works (training)"


def of(*, training: bool, serial: int = 5) -> bytes:
    return profile(serial=serial, **({"policies": {"training": True}} if training else {}))


def settings_of(folder: Path, taken: Profile) -> ClientSettings:
    return ClientSettings(folder, taken.server_url, taken.organization, profile=taken)


class Device:
    """A data folder of which one profile is in force, and where people enrol as the settings say."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        folder.chmod(0o777)  # what is dropped there is nobody's in particular
        self.dropped = Place(folder / "dropped")
        self.profiles = Profiles(self.data, (self.dropped,), clock=lambda: NOW)

    def take(self, content: bytes) -> Profile:
        return self.profiles.take(self.profiles.offer(content))

    def enrol(self, made: str = "keys.json") -> None:
        """Somebody enrols, or left work, under the profile in force; without one it was set up by hand."""
        taken = read_in_force(self.data)
        by_hand = ClientSettings(self.data, "https://sync.north-works.example", "north-works")
        folder = (by_hand if taken is None else settings_of(self.data, taken)).person_folder(PERSON)
        folder.mkdir(parents=True)
        (folder / made).touch()


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def refused(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("made", ["keys.json", "replica.db"])
@pytest.mark.parametrize("to_training", [True, False])
def test_where_somebody_is_enrolled_or_left_work_neither_becomes_the_other(
    device: Device, made: str, *, to_training: bool
) -> None:
    device.take(of(training=not to_training))
    device.enrol(made)
    before = (device.data / FILE_NAME).read_bytes()
    offered, there = (EXERCISE, REAL) if to_training else (REAL, EXERCISE)
    said = refused(lambda: device.profiles.offer(of(training=to_training, serial=6)))
    assert (said.code, said.sentence) == ("profile_other_organization", OTHER_ORGANIZATION.format(offered, there))
    device.dropped.path.write_bytes(of(training=to_training, serial=6))
    start = device.profiles.start()
    assert said.sentence in start.notes[0], "nor is it taken by itself from where it was dropped"
    assert (device.data / FILE_NAME).read_bytes() == before


def test_a_device_that_was_set_up_by_hand_holds_real_work(device: Device) -> None:
    device.enrol()
    said = refused(lambda: device.profiles.offer(of(training=True)))
    assert said.sentence == OTHER_ORGANIZATION.format(EXERCISE, REAL)
    assert device.take(of(training=False)).serial == 5


@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "damaged"])
def test_an_exercise_stays_one_when_its_profile_is_gone(device: Device, *, is_removed: bool) -> None:
    device.take(of(training=True))
    device.enrol()
    kept = device.data / FILE_NAME
    kept.unlink() if is_removed else kept.write_bytes(b"half")
    assert refused(lambda: device.profiles.offer(of(training=False, serial=6))).code == "profile_other_organization"
    assert device.take(of(training=True)).policies.training


def test_with_nobody_there_it_is_a_persons_yes_as_for_another_organization(device: Device) -> None:
    device.take(of(training=False))
    device.dropped.path.write_bytes(of(training=True, serial=6))
    start = device.profiles.start()
    assert start.in_force is not None
    assert not start.in_force.policies.training, "the key alone is no yes"
    assert isinstance(start.offered, Offer)
    assert not start.offered.is_known_key
    device.profiles.take(start.offered)
    assert device.profiles.start().in_force == start.offered.profile


@pytest.mark.parametrize(("content", "code"), [
    (profile(OTHER_KEY, serial=6, policies={"training": True}), "profile_foreign_key"),
    (of(training=True, serial=5), "profile_older"),
])  # fmt: skip
def test_it_is_the_same_organizations_key_and_serial_all_the_same(device: Device, content: bytes, code: str) -> None:
    device.take(of(training=False))
    assert refused(lambda: device.profiles.offer(content)).code == code


def test_no_person_makes_an_exercise_of_what_an_administrator_has_set_up(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmms_desktop.profile.places._is_administrators", lambda *_: True)
    device.dropped.path.write_bytes(of(training=False))
    device.profiles.start()
    said = refused(lambda: device.profiles.offer(of(training=True, serial=6)))
    assert said.sentence == ADMINISTRATORS.format(REAL)
    device.dropped.path.write_bytes(of(training=True, serial=7))
    device.profiles.start()
    said = refused(lambda: device.profiles.offer(of(training=False, serial=8)))
    assert said.sentence == ADMINISTRATORS.format(EXERCISE)


def test_people_and_work_of_an_exercise_lie_in_a_folder_that_no_organization_can_have(tmp_path: Path) -> None:
    exercise, real = (genuine(of(training=training)).profile for training in (True, False))
    here, there = settings_of(tmp_path, exercise), settings_of(tmp_path, real)
    assert (here.is_training, there.is_training) == (True, False)
    assert there.organization_folder == tmp_path / "north-works"
    assert here.replica_path(PERSON) == tmp_path / "north-works.training" / PERSON / "replica.db"
    with pytest.raises(Refused, match="short name"):
        ClientSettings(tmp_path, exercise.server_url, here.organization_folder.name)
    assert [told_of(kept_under("north-works", each.policies)) for each in (exercise, real)] == [EXERCISE, REAL]
