"""A demonstration's profile, of a package that was built without one: it sets up a trial, and claims no device."""

from pathlib import Path

import pytest

from cmms_desktop.app.client import run_client
from cmms_desktop.app.display import has_display
from cmms_desktop.app.profile_door import DEMONSTRATION as NOTE
from cmms_desktop.app.profile_door import WAITING, notes_of
from cmms_desktop.errors import Refused
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.in_force import FILE_NAME, keep
from cmms_desktop.profile.taking import ADMINISTRATORS, Start
from sync_server.contract.rules.profile import DEMONSTRATION
from sync_server.contract.rules.profile_taking import DEMONSTRATION_YIELDS
from tests.support.profiled_machine import Machine, as_root
from tests.support.profiles import KEY, OTHER_KEY, profile

TRIAL = profile(OTHER_KEY, organization=DEMONSTRATION, serial=90, server_url="https://localhost")
REAL = profile(KEY, serial=1)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def in_force(machine: Machine) -> str | None:
    found = machine.profiles().start().in_force
    return None if found is None else found.organization


@as_root
@pytest.mark.parametrize("place", ["dropped", "baked"])
def test_the_real_profile_takes_over_dropped_beside_it_or_with_the_next_package(machine: Machine, place: str) -> None:
    machine.baked.write_bytes(TRIAL)
    assert in_force(machine) == DEMONSTRATION
    getattr(machine, place).write_bytes(REAL)
    assert in_force(machine) == "north-works"


@as_root
def test_beside_a_real_profile_it_does_not_come_back_and_is_not_spoken_of(machine: Machine) -> None:
    machine.baked.write_bytes(TRIAL)
    machine.dropped.write_bytes(REAL)
    machine.profiles().start()
    before = (machine.data / FILE_NAME).stat().st_mtime_ns
    for enrols in (False, True):
        if enrols:
            machine.enrol("north-works")
        start = machine.profiles().start()
        assert start.in_force is not None
        assert (start.in_force.organization, start.notes) == ("north-works", ())
    assert (machine.data / FILE_NAME).stat().st_mtime_ns == before, "nothing was kept in turns"


@as_root
def test_a_package_of_a_demonstration_by_mistake_changes_no_device_that_is_set_up(machine: Machine) -> None:
    machine.baked.write_bytes(REAL)
    assert in_force(machine) == "north-works"
    machine.baked.write_bytes(TRIAL)
    start = machine.profiles().start()
    assert start.in_force is not None
    assert (start.in_force.organization, start.notes) == ("north-works", ())


@as_root
def test_it_says_nothing_where_people_work_who_were_set_up_by_hand(machine: Machine) -> None:
    machine.enrol("north-works")
    machine.baked.write_bytes(TRIAL)
    start = machine.profiles().start()
    assert (start.in_force, start.offered, start.notes) == (None, None, ())


def test_whoever_scans_one_over_a_real_profile_is_told_why_not(machine: Machine) -> None:
    machine.take(REAL)
    with pytest.raises(Refused) as caught:
        machine.take(TRIAL)
    assert caught.value.sentence == DEMONSTRATION_YIELDS
    assert in_force(machine) == "north-works"


@as_root
def test_a_person_may_scan_the_real_profile_where_a_package_brought_only_a_demonstration(machine: Machine) -> None:
    machine.baked.write_bytes(TRIAL)
    machine.profiles().start()
    machine.take(REAL)
    assert in_force(machine) == "north-works"
    machine.baked.write_bytes(REAL)
    with pytest.raises(Refused) as caught:
        machine.take(profile(OTHER_KEY, organization="south-works", serial=9))
    assert caught.value.sentence == ADMINISTRATORS.format("north-works")


@as_root
def test_a_real_profile_in_the_accounts_folder_waits_for_a_yes_beside_it(machine: Machine) -> None:
    machine.baked.write_bytes(TRIAL)
    machine.own.write_bytes(REAL)
    start = machine.profiles().start()
    assert start.in_force is not None
    assert start.in_force.organization == DEMONSTRATION
    assert start.offered is not None
    assert notes_of(start, start.in_force, "0.1.0") == (NOTE, WAITING)


@as_root
def test_the_work_of_a_trial_is_given_to_nobody_until_its_people_are_removed(machine: Machine) -> None:
    machine.baked.write_bytes(TRIAL)
    machine.profiles().start()
    machine.enrol(DEMONSTRATION)
    machine.dropped.write_bytes(REAL)
    start = machine.profiles().start()
    assert start.in_force is not None
    assert start.in_force.organization == DEMONSTRATION
    assert "people of demonstration are enrolled" in start.notes[0]


def test_what_was_set_up_by_hand_counts_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr("cmms_desktop.app.client.has_display", lambda environment: bool(asked.append(environment)))
    keep(tmp_path, genuine(TRIAL))
    there = {"CMMS_DATA_FOLDER": str(tmp_path)}
    by_hand = {"CMMS_SERVER_URL": "https://sync.plant.example", "CMMS_ORGANIZATION": "plant"}
    assert run_client({**there, **by_hand}, home=tmp_path) == 2
    assert asked, "the settings were right; only the display was missing"
    assert "display" in capsys.readouterr().err
    assert run_client({**there, "CMMS_ORGANIZATION": "plant"}, home=tmp_path) == 2
    assert "CMMS_SERVER_URL must be set" in capsys.readouterr().err
    assert not has_display({})


def test_the_sign_in_page_says_what_it_is_and_whom_to_ask() -> None:
    trial, real = genuine(TRIAL).profile, genuine(REAL).profile
    assert "demonstration" in NOTE
    assert "administrator" in NOTE
    assert notes_of(Start(trial), trial, "0.1.0") == (NOTE,)
    assert notes_of(Start(real), real, "0.1.0") == notes_of(Start(trial), None, "0.1.0") == ()
