"""Who works with digits where a password is asked for: he is shown the way, and nothing of his is lost on it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.app.desk import Desk
from cmms_desktop.app.new_password import AT_SERVER, OLD_SERVER, WRONG_CODE, WRONG_THERE, choose_password
from cmms_desktop.application.commands import remarks
from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import identity as identities
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.credentials.unlock_rules import NO_PINS
from cmms_desktop.errors import CmmsError, LeaseOver, Refused, ReplicaUnavailable, ServerUnreachable
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.sync.transport import Transport
from cmms_desktop.uptime import Uptime
from sync_server.application.enrolling import make_code
from sync_server.application.organizations import set_password
from sync_server.authz.passwords import Passwords
from sync_server.contract.messages import SessionAnswer, SignInRequest
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.profiles import profile
from tests.support.small_site import PASSWORD

DIGITS, PIN, NEW = "49302788112", "493027", "a tower of lamps"
ASKING = genuine(profile(policies={"unlock": "password"})).profile


class _NoReceiver:
    def close(self) -> None:
        pass


class Person:
    """A technician with unsent work on a device of which the organization has come to ask for a password."""

    def __init__(self, fleet: Fleet, device: FleetDevice) -> None:
        self.fleet, self.device = fleet, device
        self.desk = replace(device.desk, settings=replace(device.desk.settings, profile=ASKING))

    def unlocks_with(self, secret: str) -> bool:
        try:
            identity = self.desk.installation.unlock(self.device.person_id, secret)
        except Refused as refusal:
            if refusal.code != "wrong_secret":
                raise
            return False
        assert identity.must_choose_password == secret.isdecimal()
        return True

    def counts_at_server(self, password: str) -> bool:
        try:
            self.device.desk.ask_for_session(self.device.workplace, password)
        except Refused as refusal:
            if refusal.code != "sign_in_failed":
                raise
            return False
        return True

    def choose(self, now: str, new: str = NEW, **more: Any) -> CmmsError | None:
        """Try; give what stopped it."""
        try:
            choose_password(self.desk, self.device.workplace, NewPassword(now, new, **more))
        except CmmsError as problem:
            return problem
        return None

    def code(self, *, sets_password: bool = True) -> str:
        organization = self.fleet.organization
        made = make_code(organization.database, organization.id, login="technician", sets_password=sets_password)
        return made.code


def set_server_password(fleet: Fleet, device: FleetDevice, password: str) -> None:
    """As the office does, which ends his sessions."""
    organization, person_id = fleet.organization, device.person_id
    known = {"person_id": person_id, "login": "technician", "password": password}
    set_password(organization.database, organization.id, **known, passwords=Passwords(cheap=True))


def person_of(fleet: Fleet, *, secret: str, at_server: str) -> Person:
    device = fleet.device("technician")
    if at_server != PASSWORD:
        set_server_password(fleet, device, at_server)
        device.desk.sign_in_again(device.workplace, at_server)
    device.desk.installation.change_secret(device.person_id, PASSWORD, new=secret)
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "Typed in the basement.")
    return Person(fleet, device)


@pytest.fixture
def everywhere(fleet: Fleet) -> Person:
    """His digits are his password at the server as well."""
    return person_of(fleet, secret=DIGITS, at_server=DIGITS)


@pytest.fixture
def here_only(fleet: Fleet) -> Person:
    """His digits unlock this device alone; the server takes a password that he knows."""
    return person_of(fleet, secret=PIN, at_server=PASSWORD)


def new_device(person: Person, folder: Path) -> Desk:
    settings = ClientSettings(folder, person.fleet.url, person.fleet.organization.slug, profile=ASKING)
    network = person.device.desk.network
    return Desk(settings, MemoryStore(), clock=person.device.clock, profile=keys.CHEAPEST, network=network)


def test_who_was_stuck_has_one_password_everywhere_and_all_his_work(everywhere: Person, tmp_path: Path) -> None:
    with pytest.raises(Refused) as stuck:
        new_device(everywhere, tmp_path / "stuck").open("technician", DIGITS)
    assert stuck.value.sentence == NO_PINS, "no other device takes him"
    assert everywhere.device.waiting == 1
    assert everywhere.choose(DIGITS) is None
    assert everywhere.device.waiting == 1
    everywhere.device.sync_well()
    assert everywhere.device.waiting == 0
    assert (everywhere.unlocks_with(NEW), everywhere.unlocks_with(DIGITS)) == (True, False)
    new_device(everywhere, tmp_path / "other").open("technician", NEW).close()
    everywhere.device.workplace.close()
    everywhere.device.workplace = everywhere.desk.open("technician", NEW)
    everywhere.fleet.assert_mirrored(fresh=())


def test_until_then_his_digits_open_his_work_as_before_and_he_is_told_at_each_start(everywhere: Person) -> None:
    everywhere.device.offline()
    everywhere.device.workplace.close()
    for _ in range(2):
        at_work = AtWork.begin(everywhere.desk, "technician", DIGITS, positions=_NoReceiver())  # type: ignore[arg-type]
        assert at_work.session.signed_in.must_choose_password
        at_work.close()
    everywhere.device.online()
    at_work = AtWork.begin(everywhere.desk, "technician", DIGITS, positions=_NoReceiver())  # type: ignore[arg-type]
    at_work.choose_password(NewPassword(DIGITS, NEW))
    assert not at_work.session.signed_in.must_choose_password
    at_work.close()
    at_work = AtWork.begin(everywhere.desk, "technician", NEW, positions=_NoReceiver())  # type: ignore[arg-type]
    assert not at_work.session.signed_in.must_choose_password
    at_work.close()
    everywhere.device.workplace = everywhere.desk.open("technician", NEW)


def test_digits_of_this_device_alone_never_leave_it_and_the_servers_password_is_asked_for(
    here_only: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    sign_in = Transport.sign_in

    def listening(self: Transport, request: SignInRequest) -> SessionAnswer:
        said.append(request.password)
        return sign_in(self, request)

    monkeypatch.setattr(Transport, "sign_in", listening)
    asked = here_only.choose(PIN)
    assert isinstance(asked, Refused)
    assert (asked.code, asked.sentence, said) == ("server_password_needed", AT_SERVER, [])
    wrong = here_only.choose(PIN, at_server="no password of his")
    assert wrong is not None
    assert wrong.sentence == WRONG_THERE
    assert here_only.unlocks_with(PIN)
    assert here_only.counts_at_server(PASSWORD)
    assert here_only.choose(PIN, at_server=PASSWORD) is None
    assert PIN not in said
    assert (here_only.unlocks_with(NEW), here_only.counts_at_server(PASSWORD)) == (True, False)


def test_the_password_that_he_has_at_the_server_may_be_the_one_that_he_chooses(here_only: Person) -> None:
    assert here_only.choose(PIN, PASSWORD, at_server=PASSWORD) is None
    assert (here_only.unlocks_with(PASSWORD), here_only.counts_at_server(PASSWORD)) == (True, True)


def test_a_code_of_the_office_stands_for_a_password_that_he_has_forgotten(here_only: Person) -> None:
    plain = here_only.choose(PIN, code=here_only.code(sets_password=False))
    assert plain is not None
    assert plain.sentence == WRONG_CODE
    code = here_only.code()
    assert here_only.choose(PIN, code=code) is None
    assert here_only.unlocks_with(NEW)
    assert here_only.counts_at_server(NEW)


@pytest.mark.parametrize("fault", ["drop_answer", "drop_request"])
def test_an_answer_that_is_lost_leaves_his_digits_and_the_same_again_goes_on(everywhere: Person, fault: str) -> None:
    everywhere.device.weather.script.append(Fault(fault))
    assert isinstance(everywhere.choose(DIGITS), ServerUnreachable)
    assert everywhere.unlocks_with(DIGITS)
    assert everywhere.choose(DIGITS) is None
    assert everywhere.unlocks_with(NEW)
    assert everywhere.counts_at_server(NEW)


def test_a_disk_that_takes_no_key_leaves_his_digits_and_the_same_again_goes_on(
    everywhere: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ReplicaUnavailable("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(identities, "write_key_file", full)
        assert isinstance(everywhere.choose(DIGITS), ReplicaUnavailable)
    assert everywhere.unlocks_with(DIGITS)
    assert everywhere.choose(DIGITS) is None
    assert everywhere.unlocks_with(NEW)


@pytest.mark.parametrize(("now", "new", "code"), [
    ("582046", NEW, "wrong_secret"), (DIGITS, "58204611223", "secret_too_weak"), (DIGITS, "short", "secret_too_weak"),
    (DIGITS, "①②③④⑤⑥⑦⑧", "secret_too_weak"), (DIGITS, "x" * 257, "secret_too_weak"),
])  # fmt: skip
def test_what_is_wrong_here_is_said_here_and_the_server_hears_nothing(
    everywhere: Person, now: str, new: str, code: str
) -> None:
    everywhere.device.offline()
    problem = everywhere.choose(now, new)
    assert isinstance(problem, Refused), "without a network it would be another one, had it been asked"
    assert problem.code == code
    everywhere.device.online()
    assert everywhere.unlocks_with(DIGITS)
    assert everywhere.counts_at_server(DIGITS)


def test_an_older_server_that_takes_no_new_password_changes_nothing(
    everywhere: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in = Transport.sign_in

    def older(self: Transport, request: SignInRequest) -> SessionAnswer:
        return sign_in(self, msgspec.structs.replace(request, new_password=None))

    monkeypatch.setattr(Transport, "sign_in", older)
    problem = everywhere.choose(DIGITS)
    assert problem is not None
    assert problem.sentence == OLD_SERVER
    assert everywhere.unlocks_with(DIGITS)
    assert everywhere.counts_at_server(DIGITS)


def test_a_role_that_needs_a_password_is_heard_of_with_the_next_session(fleet: Fleet) -> None:
    device = person_of(fleet, secret=PIN, at_server=PASSWORD).device
    assert not device.desk.installation.unlock(device.person_id, PIN).must_choose_password
    fleet.organization.change("person", device.person_id, role="manager")
    device.workplace.session.renew()
    assert device.desk.installation.unlock(device.person_id, PIN).must_choose_password


def test_signing_in_again_with_a_code_lets_the_session_begin_and_leaves_what_unlocks_this_device(
    here_only: Person,
) -> None:
    device = here_only.device
    with pytest.raises(Refused, match="wrong"):
        device.desk.sign_in_again(device.workplace, NEW)
    with pytest.raises(Refused) as weak:
        here_only.desk.sign_in_again(device.workplace, "58204611223", code=here_only.code())
    assert weak.value.sentence == NO_PINS
    here_only.desk.sign_in_again(device.workplace, NEW, code=here_only.code())
    assert here_only.unlocks_with(PIN)
    assert device.waiting == 1
    device.sync_well()
    assert device.waiting == 0


def test_a_locked_device_opens_with_a_code_where_the_password_at_the_server_is_forgotten(here_only: Person) -> None:
    device = here_only.device
    set_server_password(here_only.fleet, device, "what he has forgotten")
    device.workplace.close()
    here_only.fleet.clock.advance(days=20)
    desk = replace(here_only.desk, uptime=lambda: Uptime("after a restart", 1.0))
    with pytest.raises(LeaseOver) as over:
        desk.open("technician", PIN)
    assert over.value.is_locked
    with pytest.raises(LeaseOver) as over:
        desk.sign_in_at_server("technician", PIN, at_server=NEW)
    assert over.value.asks_for_password
    desk.sign_in_at_server("technician", PIN, at_server=NEW, code=here_only.code())
    device.workplace = desk.open("technician", PIN)
    assert device.waiting == 1
    device.sync_well()
    assert device.waiting == 0
