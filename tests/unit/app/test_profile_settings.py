"""What a profile fixes for a device: server, organization, lease, unlocking, photos, receiver, version."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cmms_desktop.app.client import run_client
from cmms_desktop.app.desk import Desk
from cmms_desktop.app.profile_door import TOO_OLD, WAITING, notes_of
from cmms_desktop.application.preferences import KeptPreferences, Preferences, PreferencesFile, fixed_by
from cmms_desktop.config import ClientSettings, settings_from_profile
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.identity import Enrolment, Installation
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.credentials.unlock_rules import NO_PINS
from cmms_desktop.errors import LeaseOver, Refused
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.in_force import keep
from cmms_desktop.profile.taking import Offer, Start
from cmms_desktop.sync.lease_keeper import LeaseKeeper
from sync_server.contract.rules.profile import Policies, Receiver
from tests.support.profiles import profile
from tests.support.replicas import Field
from tests.support.set_clock import SetClock

HOME = Path("home")
DAY = timedelta(days=1)
TECHNICIAN = "0198f000-0000-7000-8000-00000000000a"


def settings(folder: Path = Path("data"), **policies: object) -> ClientSettings:
    taken = genuine(profile(policies=policies)).profile
    return ClientSettings(folder, taken.server_url, taken.organization, profile=taken)


def test_server_and_organization_come_from_the_profile_and_nobody_else() -> None:
    taken = genuine(profile()).profile
    found = settings_from_profile(taken, {"CMMS_DATA_FOLDER": "there"}, home=HOME)
    assert (found.server_url, found.organization_slug) == (taken.server_url, "north-works")
    assert (found.data_folder, found.profile) == (Path("there"), taken)
    same = {"CMMS_SERVER_URL": f"{taken.server_url}/", "CMMS_ORGANIZATION": "north-works", "CMMS_DATA_FOLDER": "there"}
    assert settings_from_profile(taken, same, home=HOME) == found
    assert settings_from_profile(taken, {"CMMS_SERVER_URL": "", "CMMS_DATA_FOLDER": "there"}, home=HOME) == found


@pytest.mark.parametrize("name", ["CMMS_SERVER_URL", "CMMS_ORGANIZATION"])
def test_an_environment_that_says_something_else_stops_the_start_in_words(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path, genuine(profile()))
    environment = {"CMMS_DATA_FOLDER": str(tmp_path), name: "https://elsewhere.example"}
    assert run_client(environment, home=HOME) == 2
    said = capsys.readouterr().err
    assert said.startswith(name)
    assert said.count("\n") == 1


def test_without_a_profile_everything_is_as_it_was() -> None:
    plain = ClientSettings(Path("data"), "https://cmms.example", "north-works")
    assert (plain.lease_days, plain.policies, plain.branding.name) == (14, Policies(), "")
    assert fixed_by(plain.policies) == {}


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    made = Field(tmp_path)
    yield made
    made.replica.close()


def test_a_shorter_lease_counts_the_days_that_have_passed_already(field: Field) -> None:
    clock = SetClock()
    LeaseKeeper(field.replica, clock=clock, uptime=clock.uptime).answered()
    clock.pass_time(days=5)
    week = timedelta(days=settings(offline_lease_days=7).lease_days)
    shorter = LeaseKeeper(field.replica, clock=clock, uptime=clock.uptime, lease=week)
    assert shorter.left() == 2 * DAY
    clock.pass_time(days=2)
    assert not shorter.left()
    assert LeaseKeeper(field.replica, clock=clock, uptime=clock.uptime).left() == 7 * DAY, "nothing else was counted"
    shorter.answered()
    assert shorter.left() == 7 * DAY


def test_the_sentence_names_the_days_of_the_organization() -> None:
    assert "for 7 days" in LeaseOver(days=7).sentence
    assert "for 1 day," in LeaseOver(days=1).sentence


@pytest.mark.parametrize("digits", ["493027", "49302788112", "①②③④⑤⑥⑦⑧"])
def test_where_the_organization_takes_no_pin_nobody_enrols_with_one(tmp_path: Path, digits: str) -> None:
    here = settings(tmp_path, unlock="password")
    desk = Desk(here, MemoryStore(), profile=keys.CHEAPEST)
    with pytest.raises(Refused) as caught:
        desk.open("technician", digits)
    assert caught.value.sentence == NO_PINS, "before the server makes a device of it"
    installation = Installation(here, MemoryStore(), clock=SetClock(), profile=keys.CHEAPEST)
    enrolment = Enrolment(TECHNICIAN, "technician", "technician")
    signer = DeviceSigner.generate("0198f000-0000-7000-8000-0000000000d1")
    with pytest.raises(Refused, match="only digits"):
        installation.enrol(enrolment, digits, signer=signer)
    assert not installation.people()
    assert installation.enrol(enrolment, "correct horse", signer=signer)


def test_a_pin_from_before_opens_what_it_always_did_and_is_to_be_changed(tmp_path: Path) -> None:
    store, clock = MemoryStore(), SetClock()
    before = Installation(settings(tmp_path), store, clock=clock, profile=keys.CHEAPEST)
    signer = DeviceSigner.generate("0198f000-0000-7000-8000-0000000000d1")
    before.enrol(Enrolment(TECHNICIAN, "technician", "technician"), "493027", signer=signer)
    after = Installation(settings(tmp_path, unlock="password"), store, clock=clock, profile=keys.CHEAPEST)
    assert after.unlock(TECHNICIAN, "493027").must_choose_password


def test_what_the_organization_fixes_counts_and_what_people_chose_is_kept(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "preferences.json")
    chosen = Preferences(photos_on_metered="send", positioning="nmea_file", nmea_file="walk.nmea")
    kept, told = KeptPreferences(chosen, file=file), []
    kept.on_changed(told.append)
    receiver = Receiver(source="network", host="10.0.0.7", port=4000)
    kept.fix(fixed_by(Policies(photos_on_metered="wait", positioning=receiver)))
    assert (kept.get().photos_on_metered, kept.get().positioning) == ("wait", "network")
    assert (kept.get().receiver_host, kept.get().receiver_port, kept.get().nmea_file) == ("10.0.0.7", 4000, "")
    assert told == [kept.get()]
    kept.change(photos_on_metered="send", positioning="none", theme="dark")
    assert (kept.get().photos_on_metered, kept.get().positioning, kept.get().theme) == ("wait", "network", "dark")
    assert told[-1] == kept.get()
    assert file.load().preferences == Preferences(
        photos_on_metered="send", positioning="nmea_file", nmea_file="walk.nmea", theme="dark"
    )
    kept.fix({})
    assert kept.get().positioning == "nmea_file"


@pytest.mark.parametrize(("least", "is_told"), [(None, False), ("0.1.0", False), ("0.0.9", False), ("0.1.1", True)])
def test_an_older_program_than_the_organization_wants_is_told_in_words(least: str | None, is_told: bool) -> None:
    taken = genuine(profile(policies={"minimum_version": least} if least else {})).profile
    told = notes_of(Start(taken), taken, "0.1.0")
    assert told == ((TOO_OLD.format(least, "0.1.0"),) if is_told else ())


def test_what_was_found_at_the_start_is_told(tmp_path: Path) -> None:
    offer = Offer(genuine(profile()), is_known_key=False)
    assert notes_of(Start(None, offer, ("Something.",)), None, "0.1.0") == ("Something.", WAITING)
