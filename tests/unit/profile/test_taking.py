"""Which profile is in force: whatever is refused leaves the one before, and no person gives a device away."""

import os
import stat
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cmms_desktop.errors import EnvironmentFailure, Refused
from cmms_desktop.profile import in_force as kept
from cmms_desktop.profile.in_force import DAMAGED, FILE_NAME, NOT_KEPT
from cmms_desktop.profile.places import UNREADABLE, Place, places_here, read_place
from cmms_desktop.profile.taking import ADMINISTRATORS, IN_USE, Profiles
from sync_server.contract.rules.profile_taking import OTHER_ORGANIZATION
from tests.support.profiled_machine import Machine, as_root
from tests.support.profiles import KEY, NOW, OTHER_KEY, profile


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def refusal(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    assert "\n" not in caught.value.sentence
    return caught.value


def test_nothing_is_made_where_there_is_no_profile(tmp_path: Path) -> None:
    start = Profiles(tmp_path / "data", places_here({}, tmp_path / "data"), clock=lambda: NOW).start()
    assert (start.in_force, start.offered, start.notes) == (None, None, ())
    assert not (tmp_path / "data").exists()


def test_a_scanned_profile_is_taken_with_a_yes_and_outlives_the_program(machine: Machine) -> None:
    offer = machine.profiles().offer(profile())
    assert not offer.is_known_key
    assert len(offer.fingerprint) == 19
    assert machine.serial is None, "looking at one takes nothing"
    machine.profiles().take(offer)
    assert machine.serial == 5
    assert machine.profiles().start().in_force == offer.profile


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such mode")
def test_only_its_account_can_change_what_is_in_force(machine: Machine) -> None:
    machine.take(profile())
    assert stat.S_IMODE((machine.data / FILE_NAME).stat().st_mode) == 0o600
    assert [each.name for each in machine.data.iterdir()] == [FILE_NAME], "nothing is left beside it"


def test_the_same_profile_again_is_no_news(machine: Machine) -> None:
    machine.take(profile())
    assert refusal(lambda: machine.profiles().offer(profile())).sentence == IN_USE
    machine.own.write_bytes(profile())
    assert machine.profiles().start().notes == ()


@pytest.mark.parametrize(("content", "code"), [
    (profile(serial=4, server_url="https://older.example"), "profile_older"),
    (profile(serial=5, server_url="https://same.example"), "profile_older"),
    (profile(OTHER_KEY, serial=6), "profile_foreign_key"),
    (profile(serial=6, not_after="2026-03-02T08:59:59.000000Z"), "profile_expired"),
    (profile(serial=6, signed_at="2026-03-04T09:00:00.000000Z"), "profile_clock"),
    (profile(serial=6, server_url="http://sync.north-works.example"), "profile_address"),
    (b"{}", "profile_unreadable"),
])  # fmt: skip
def test_what_may_not_replace_it_is_refused_scanned_or_dropped_and_the_one_before_stays(
    machine: Machine, content: bytes, code: str
) -> None:
    machine.take(profile())
    before = (machine.data / FILE_NAME).read_bytes()
    assert refusal(lambda: machine.profiles().offer(content)).code == code
    machine.own.write_bytes(content)
    start = machine.profiles().start()
    assert (machine.data / FILE_NAME).read_bytes() == before
    assert start.in_force is not None
    assert start.in_force.serial == 5
    assert bool(start.notes) == (code != "profile_older"), "what lies there since an older package is no news"


def test_a_newer_one_of_the_same_key_is_taken_by_itself_wherever_it_lies(machine: Machine) -> None:
    machine.take(profile())
    machine.own.write_bytes(profile(serial=6))
    start = machine.profiles().start()
    assert start.in_force is not None
    assert start.in_force.serial == machine.serial == 6


def test_a_key_is_changed_by_a_profile_that_the_old_key_has_signed_too(machine: Machine) -> None:
    machine.take(profile())
    changed = profile(OTHER_KEY, KEY, serial=6)
    assert machine.profiles().offer(changed).is_known_key
    machine.take(changed)
    assert refusal(lambda: machine.profiles().offer(profile(KEY, serial=7))).code == "profile_foreign_key"
    machine.take(profile(OTHER_KEY, serial=7))
    assert machine.serial == 7


def test_a_profile_that_was_taken_stays_in_force_after_its_last_day(machine: Machine) -> None:
    machine.take(profile())
    machine.now += timedelta(days=400)
    start = machine.profiles().start()
    assert start.in_force is not None
    assert start.notes == ()


@pytest.mark.parametrize("moved", [timedelta(days=-400), timedelta(days=-3)])
def test_a_clock_that_jumped_back_lets_no_expired_profile_in(machine: Machine, moved: timedelta) -> None:
    machine.take(profile())
    machine.now += moved
    said = refusal(lambda: machine.profiles().offer(profile(serial=6, signed_at="2026-02-01T00:00:00.000000Z")))
    assert said.code == "profile_clock"
    assert "clock" in said.sentence


def test_a_clock_that_jumped_ahead_is_named_where_a_profile_seems_expired(machine: Machine) -> None:
    machine.now += timedelta(days=365)
    said = refusal(lambda: machine.profiles().offer(profile()))
    assert said.code == "profile_expired"
    assert "2027-03-02" in said.sentence


@pytest.mark.parametrize("made", ["keys.json", "replica.db"])
def test_no_other_organization_takes_over_where_somebody_is_enrolled_or_has_work(machine: Machine, made: str) -> None:
    machine.enrol("south-works", made)
    said = refusal(lambda: machine.profiles().offer(profile()))
    assert said.sentence == OTHER_ORGANIZATION.format("north-works", "south-works")
    machine.own.write_bytes(profile())
    assert machine.profiles().start().in_force is None
    assert machine.serial is None


def test_the_own_organization_may_give_a_profile_to_a_device_that_was_set_up_by_hand(machine: Machine) -> None:
    machine.enrol("north-works")
    machine.take(profile())
    assert machine.serial == 5


def test_an_enrolment_between_looking_and_yes_is_seen(machine: Machine) -> None:
    offer = machine.profiles().offer(profile())
    machine.enrol("south-works")
    assert refusal(lambda: machine.profiles().take(offer)).code == "profile_other_organization"
    assert machine.serial is None


def test_what_is_dropped_for_the_account_waits_for_a_yes_the_first_time(machine: Machine) -> None:
    machine.own.write_bytes(profile())
    start = machine.profiles().start()
    assert start.in_force is None
    assert start.offered is not None
    assert machine.serial is None
    machine.profiles().take(start.offered)
    assert machine.profiles().start().offered is None


def test_with_nobody_enrolled_a_person_may_take_another_organizations(machine: Machine) -> None:
    machine.take(profile())
    machine.take(profile(OTHER_KEY, organization="south-works", serial=1))
    assert machine.serial == 1


@as_root
@pytest.mark.parametrize("place", ["baked", "dropped"])
def test_what_an_administrator_put_there_is_taken_without_a_question(machine: Machine, place: str) -> None:
    getattr(machine, place).write_bytes(profile())
    start = machine.profiles().start()
    assert start.in_force is not None
    assert machine.serial == 5


@as_root
@pytest.mark.parametrize("loosen", ["file", "folder", "owner"])
def test_what_others_could_have_written_is_not_an_administrators(machine: Machine, loosen: str) -> None:
    machine.dropped.write_bytes(profile())
    if loosen == "owner":
        os.chown(machine.dropped, 65_534, 65_534)
    else:
        (machine.dropped if loosen == "file" else machine.dropped.parent).chmod(0o777)
    start = machine.profiles().start()
    assert start.in_force is None
    assert start.offered is not None


@as_root
def test_no_person_gives_away_what_an_administrator_has_set_up(machine: Machine) -> None:
    machine.baked.write_bytes(profile())
    machine.profiles().start()
    other = profile(OTHER_KEY, organization="south-works", serial=9)
    assert refusal(lambda: machine.profiles().offer(other)).sentence == ADMINISTRATORS.format("north-works")
    machine.own.write_bytes(other)
    assert machine.profiles().start().notes[0].endswith(ADMINISTRATORS.format("north-works"))
    assert machine.serial == 5


def test_a_damaged_profile_is_told_and_a_scan_mends_it(machine: Machine) -> None:
    machine.take(profile())
    path = machine.data / FILE_NAME
    path.write_bytes(path.read_bytes().replace(b"north", b"south"))
    start = machine.profiles().start()
    assert (start.in_force, start.notes) == (None, (DAMAGED,))
    machine.take(profile())
    assert machine.profiles().start().notes == ()


@pytest.mark.parametrize("fault", ["open", "fsync", "replace"])
def test_a_disk_that_takes_nothing_leaves_the_one_before(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    machine.take(profile())

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    offer = machine.profiles().offer(profile(serial=6))
    with monkeypatch.context() as broken:
        if fault == "replace":
            broken.setattr(Path, "replace", fail)
        else:
            opened = os.open
            broken.setattr(kept.os, fault, fail if fault == "fsync" else lambda *a, **k: _open(opened, a, k))
        with pytest.raises(EnvironmentFailure) as caught:
            machine.profiles().take(offer)
    assert caught.value.sentence == NOT_KEPT
    assert machine.serial == 5
    assert [each.name for each in machine.data.iterdir()] == [FILE_NAME]


def _open(opened: Callable[..., int], words: tuple[object, ...], more: dict[str, object]) -> int:
    if str(words[0]).endswith(".new"):
        raise OSError(28, "No space left on device")
    return opened(*words, **more)


def test_a_left_over_of_a_crash_is_nothing(machine: Machine) -> None:
    machine.take(profile())
    (machine.data / f"{FILE_NAME}.{os.getpid()}.new").write_bytes(b"half")
    assert machine.serial == 5
    machine.take(profile(serial=6))
    assert machine.serial == 6


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_a_folder_or_a_device_in_its_place_stops_no_start(machine: Machine) -> None:
    os.mkfifo(machine.own)
    machine.dropped.mkdir()
    machine.baked.symlink_to("/dev/zero")
    start = machine.profiles().start()
    assert start.in_force is None
    assert [note.partition(": ")[2] for note in start.notes] == [UNREADABLE] * 3


def test_a_place_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_place(Place(tmp_path / "nowhere" / "p")) is None


def test_the_places_of_a_machine_are_where_the_readme_says(tmp_path: Path) -> None:
    baked, dropped, own = places_here({}, tmp_path)
    assert baked.path == Path(sys.prefix) / "cmms-field.profile"
    assert own.path == tmp_path / "cmms-field.profile"
    if sys.platform == "linux":
        assert dropped.path == Path("/etc/cmms-field/cmms-field.profile")
