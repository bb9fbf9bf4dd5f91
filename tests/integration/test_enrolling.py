"""A device is rolled out as administrator and technician do it: by commands, and by the client on a real server."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.app.desk import Desk
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.errors import Refused, ServerUnreachable
from cmms_desktop.sync.status import Connection
from tests.support.command_line import Run, commands_of
from tests.support.fault_transport import Fault, FaultTransport, Weather
from tests.support.fleet import Fleet
from tests.support.server_side import PASSWORD, Organization, Server
from tests.support.small_site import PASSWORD as FLEET_PASSWORD

SERVER = "https://sync.north.example"


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


@pytest.fixture
def organization(server: Server) -> Organization:
    return server.organization()


def desk_of(server: Server, slug: str, folder: Path, weather: Weather | None = None) -> Desk:
    def network() -> httpx.Client:
        return httpx.Client(base_url=server.url, transport=FaultTransport(weather or Weather()), timeout=30)

    return Desk(ClientSettings(folder, server.url, slug), MemoryStore(), profile=keys.CHEAPEST, network=network)


def test_an_administrator_rolls_a_device_out_by_a_code_and_nobody_but_its_person_knows_his_password(
    server: Server, organization: Organization, run: Run, tmp_path: Path
) -> None:
    named = ("--organization", organization.slug)
    assert run("organization", "set", organization.slug, "--new-devices", "code")[1].endswith("so from now on.\n")
    assert "A new device needs an enrolment code." in run("organization", "show", organization.slug)[1]
    added = ("user", "create", "anna", *named, "--name", "Anna North", "--role", "technician", "--by-code")
    assert run(*added)[:2] == (
        0,
        f"anna may sign in to {organization.slug} with a code of enrol-code --new-password.\n",
    )
    answer = json.loads(run("enrol-code", "--user", "anna", *named, "--new-password", "--server", SERVER, "--json")[1])
    desk = desk_of(server, organization.slug, tmp_path)
    with pytest.raises(Refused) as refused:
        desk.open("anna", PASSWORD)
    assert refused.value.code == "sign_in_failed"
    with desk.open("anna", PASSWORD, code=answer["link"]) as workplace:
        workplace.engine.sync(with_photos=False)
    with desk.open("anna", PASSWORD) as workplace:
        workplace.engine.sync(with_photos=False)
    (listed,) = json.loads(run("device", "list", *named, "--json")[1])["devices"]
    assert (listed["person"], listed["pending"], listed["app_version"]) == ("Anna North", 0, "0.1.0")
    assert listed["last_seen_at"] is not None
    assert listed["clock_offset_ms"] is not None
    other = desk_of(server, organization.slug, tmp_path / "other")
    with pytest.raises(Refused, match="needs an enrolment code here") as refused:
        other.open("anna", PASSWORD)
    assert refused.value.code == "code_needed"
    code, said, _ = run("enrol-code", "--user", "ANNA", *named)
    assert (code, "he needs his password besides" in said) == (0, True)
    other.open("anna", PASSWORD, code=said.splitlines()[0]).close()


def test_a_code_whose_answer_was_lost_counts_for_the_device_that_sent_it(
    server: Server, organization: Organization, run: Run, tmp_path: Path
) -> None:
    named = ("--organization", organization.slug)
    run("user", "create", "anna", *named, "--name", "Anna", "--role", "technician", "--by-code")
    typed = run("enrol-code", "--user", "anna", *named, "--new-password")[1].splitlines()[0]
    weather = Weather()
    desk = desk_of(server, organization.slug, tmp_path, weather)
    weather.script.append(Fault("drop_answer"))
    with pytest.raises(ServerUnreachable):
        desk.open("anna", PASSWORD, code=typed)
    with pytest.raises(Refused):  # somebody who saw the code has another device
        desk_of(server, organization.slug, tmp_path / "thief").open("anna", PASSWORD, code=typed)
    desk.open("anna", PASSWORD, code=typed).close()
    assert len(json.loads(run("device", "list", *named, "--json")[1])["devices"]) == 1
    assert desk.coming == {}


def test_bad_input_is_one_sentence_and_makes_no_code(organization: Organization, run: Run) -> None:
    named = ("--organization", organization.slug)
    run("user", "create", "anna", *named, "--name", "Anna", "--role", "technician", "--by-code")
    wrong = [
        ("--user", "nobody", *named),
        ("--user", "", *named),
        ("--user", "a\0b", *named),
        ("--user", "anna", "--organization", "nowhere"),
        ("--user", "anna"),
        ("--user", "anna", *named, "--server", "http://sync.north.example"),
        ("--user", "anna", *named, "--server", "https://"),
        ("--user", "anna", *named, "--server", "https://[::1"),
        ("--user", "anna", *named, "--server", "https://sync.north.example/#code=1"),
        ("--user", "anna", *named, "--minutes", "60"),
    ]
    for words in wrong:
        code, said, complaint = run("enrol-code", *words)
        assert (code, said) == (2, ""), words
        assert len(complaint.splitlines()) == 1, words
    assert organization.ask("select from enrolment_code where organization_id = %s", organization.id) == []
    assert run("organization", "suspend", organization.slug, "--reason", "Not paid since May.")[::2] == (0, "")
    assert run("enrol-code", "--user", "anna", *named)[0] == 2
    assert run("organization", "set", organization.slug, "--new-devices", "perhaps")[0] == 2


class _NoReceiver:
    def close(self) -> None:
        pass


@pytest.mark.slow
def test_a_device_at_work_is_out_within_a_minute_of_being_revoked(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the clock on the wall, and nobody touches the device: the whole product's promise, not a part's."""
    run = commands_of(fleet.stoppable.server, monkeypatch, capsys)
    device = fleet.device("technician")
    device_id = device.workplace.identity.device_signer.device_id
    device.workplace.close()
    person = AtWork.begin(device.desk, "technician", FLEET_PASSWORD, positions=_NoReceiver())  # type: ignore[arg-type]
    try:
        _wait(lambda: person.listener.is_live, within_s=30)
        began = time.monotonic()
        assert run("device", "revoke", device_id, "--organization", fleet.organization.slug)[0] == 0
        _wait(lambda: person.scheduler.status.connection is Connection.STOPPED, within_s=60)
        assert time.monotonic() - began <= 60
    finally:
        person.close()
        fleet.devices.remove(device)


def _wait(is_so: Callable[[], bool], *, within_s: float) -> None:
    until = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < until, f"not within {within_s} s"
        time.sleep(0.05)
