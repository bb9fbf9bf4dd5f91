"""Signing in on an installation: what an enrolment that was interrupted leaves behind, and how it is finished."""

import json
from pathlib import Path

import httpx
import pytest

from cmms_desktop.app.desk import Desk
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.attempts import TRIES
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.credentials.tokens import RefreshTokens
from cmms_desktop.errors import KeyringUnavailable, LeaseOver, Refused, ServerUnreachable
from cmms_desktop.replica.lease import LEASE, LeaseMark
from cmms_desktop.replica.transaction import Replica
from tests.support.replicas import ORGANIZATION, TECHNICIAN, uid
from tests.support.set_clock import SetClock
from tests.unit.sync.wire import problem

URL = "https://cmms.example"
PASSWORD = "correct horse battery"
INSTANT = "2026-03-02T09:10:00.000000Z"


class Network:
    """A server that signs the technician in, unless it is away."""

    def __init__(self) -> None:
        self.is_away = False
        self.devices: list[str] = []
        """Devices that signed in, in order."""
        self.keys: list[str] = []
        """Theirs."""
        self.person_id = TECHNICIAN
        self.clients: list[httpx.Client] = []
        self.refresh_token = "refresh"
        self.renews = False
        """Whether a refresh token still counts."""
        self.secrets: list[str] = []
        """What was said to be a password, in order."""

    def __call__(self) -> httpx.Client:
        self.clients.append(httpx.Client(transport=httpx.MockTransport(self._answer), base_url=URL))
        return self.clients[-1]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.is_away:
            raise httpx.ConnectError("no network")
        asked = json.loads(request.content)
        if request.url.path == "/v1/refresh":
            return self._session(self.devices[-1]) if self.renews else problem("session_expired", 401)
        self.secrets.append(asked["password"])
        if asked["password"] != PASSWORD:
            return problem("sign_in_failed", 403, detail="Name or password is wrong.")
        self.devices.append(asked["device"]["id"])
        self.keys.append(asked["device"]["public_key"])
        return self._session(self.devices[-1])

    def _session(self, device_id: str) -> httpx.Response:
        said = {
            "organization_id": ORGANIZATION,
            "person_id": self.person_id,
            "role": "technician",
            "device_id": device_id,
            "access_token": "access",
            "access_expires_at": INSTANT,
            "refresh_token": self.refresh_token,
            "server_time": INSTANT,
        }
        return httpx.Response(200, json=said)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def desk(tmp_path: Path, network: Network) -> Desk:
    return Desk(ClientSettings(tmp_path, URL, "north-works"), MemoryStore(), profile=keys.CHEAPEST, network=network)


@pytest.fixture
def interrupted(desk: Desk, network: Network, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose program ended between enrolling and telling the store whose it is."""

    def killed(self: Replica, **_: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Replica, "identify", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.open("technician", PASSWORD)
    return desk


def test_an_open_that_fails_leaves_neither_a_store_nor_a_connection_open(interrupted: Desk, network: Network) -> None:
    assert [client.is_closed for client in network.clients] == [True]
    with interrupted.open("technician", PASSWORD):
        pass


class LockedStore(MemoryStore):
    """A keyring that nobody has unlocked."""

    def get(self, service: str, name: str) -> bytes | None:
        raise KeyringUnavailable("The keyring is locked.")


def test_without_a_keyring_no_device_is_enrolled_at_the_server(tmp_path: Path, network: Network) -> None:
    settings = ClientSettings(tmp_path, URL, "north-works")
    with pytest.raises(KeyringUnavailable):
        Desk(settings, LockedStore(), profile=keys.CHEAPEST, network=network).open("technician", PASSWORD)
    assert network.devices == []


def test_a_sign_in_that_fails_leaves_no_connection_open(desk: Desk, network: Network) -> None:
    network.is_away = True
    with pytest.raises(ServerUnreachable):
        desk.open("technician", PASSWORD)
    assert [client.is_closed for client in network.clients] == [True]


def test_an_interrupted_enrolment_is_finished_by_the_next_sign_in(interrupted: Desk, network: Network) -> None:
    with interrupted.open("technician", PASSWORD) as workplace:
        state = workplace.replica.state()
        assert (state.organization_id, state.person_id, state.role) == (ORGANIZATION, TECHNICIAN, "technician")
        assert [state.device_id] * 2 == network.devices
        with workplace.replica.write() as write:
            assert write.actor.person_id == TECHNICIAN


def test_an_interrupted_enrolment_asks_for_the_network_in_a_sentence(interrupted: Desk, network: Network) -> None:
    network.is_away = True
    with pytest.raises(Refused, match="Sign in once with network") as refusal:
        interrupted.open("technician", PASSWORD)
    assert refusal.value.code == "server_sign_in_required"
    network.is_away = False
    with interrupted.open("technician", PASSWORD) as workplace:
        assert workplace.replica.state().person_id == TECHNICIAN


def test_whoever_is_enrolled_works_without_network(desk: Desk, network: Network) -> None:
    desk.open("technician", PASSWORD).close()
    network.is_away = True
    with desk.open("technician", PASSWORD) as workplace:
        assert workplace.replica.state().person_id == TECHNICIAN


def lease_over(desk: Desk) -> None:
    with desk.open("technician", PASSWORD) as workplace:
        workplace.replica.remember(lease=LeaseMark(LEASE.total_seconds(), 0.0, 0.0, "long ago", 0.0))


@pytest.mark.parametrize("keeps", [True, False], ids=["of a session that was renewed", "of a new session"])
def test_what_fails_on_this_device_is_never_told_as_a_lease_that_is_over(
    desk: Desk, network: Network, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    lease_over(desk)
    network.renews = keeps

    def full(self: RefreshTokens, token: str) -> None:
        raise KeyringUnavailable("The keyring is full.")

    monkeypatch.setattr(RefreshTokens, "keep", full)
    with pytest.raises(KeyringUnavailable, match="full") as failure:
        desk.open("technician", PASSWORD)
    assert failure.value.is_locked, "the sign-in page lets work out as a file"


def test_without_its_server_a_device_whose_lease_is_over_says_so(desk: Desk, network: Network) -> None:
    lease_over(desk)
    network.is_away = True
    with pytest.raises(LeaseOver):
        desk.open("technician", PASSWORD)


def test_signing_in_again_tells_a_store_whose_it_is(desk: Desk, network: Network) -> None:
    with desk.open("technician", PASSWORD) as workplace:
        workplace.replica.remember(organization_id="", person_id="", device_id="", role="")
        desk.sign_in_again(workplace, PASSWORD)
        assert workplace.replica.state().person_id == TECHNICIAN


@pytest.fixture
def used_up(tmp_path: Path, network: Network) -> Desk:
    """A desk of an enrolled person whose ten tries are used up."""
    clock = SetClock()
    settings = ClientSettings(tmp_path, URL, "north-works")
    made = Desk(settings, MemoryStore(), profile=keys.CHEAPEST, network=network, clock=clock, uptime=clock.uptime)
    made.open("technician", PASSWORD).close()
    for _ in range(TRIES):
        clock.pass_time(hours=1)
        with pytest.raises(Refused, match="not the right"):
            made.open("technician", "a wrong one")
    return made


def test_after_ten_wrong_tries_the_server_lets_the_person_try_again(used_up: Desk, network: Network) -> None:
    network.is_away = True
    with pytest.raises(Refused) as refusal:
        used_up.open("technician", PASSWORD)
    assert refusal.value.code == "server_sign_in_required"
    network.is_away = False
    with used_up.open("technician", PASSWORD) as workplace:
        assert workplace.replica.state().person_id == TECHNICIAN
    assert network.devices == [network.devices[0]] * 2
    assert network.keys == [network.keys[0]] * 2


def test_a_password_that_the_server_does_not_take_gives_no_more_tries(used_up: Desk, network: Network) -> None:
    with pytest.raises(Refused, match="Sign in to the server once") as refusal:
        used_up.open("technician", "a wrong one")
    assert refusal.value.code == "server_sign_in_required", "what to do is said as long as it has to be done"
    network.is_away = True
    with pytest.raises(Refused) as refusal:
        used_up.open("technician", PASSWORD)
    assert refusal.value.code == "server_sign_in_required"


def test_a_pin_is_never_sent_to_the_server(used_up: Desk, network: Network) -> None:
    network.secrets.clear()
    with pytest.raises(Refused) as refusal:
        used_up.open("technician", "493027")
    assert refusal.value.code == "server_sign_in_required"
    assert network.secrets == []


def test_a_device_whose_lease_is_over_asks_for_the_password_instead_of_sending_a_pin(
    desk: Desk, network: Network
) -> None:
    lease_over(desk)
    (person,) = desk.installation.people()
    desk.installation.change_secret(person.person_id, PASSWORD, new="493027")
    network.secrets.clear()
    with pytest.raises(LeaseOver) as refusal:
        desk.open("technician", "493027")
    assert refusal.value.asks_for_password
    desk.sign_in_at_server("technician", "493027", at_server=PASSWORD)
    assert network.secrets == [PASSWORD]
    desk.open("technician", "493027").close()


def test_the_session_that_gave_tries_again_is_the_devices(used_up: Desk, network: Network) -> None:
    network.refresh_token = "the new one"
    with used_up.open("technician", PASSWORD) as workplace:
        assert workplace.identity.refresh_tokens.current() == "the new one"
        assert workplace.transport.access_token == "access"


def test_who_has_that_login_at_the_server_by_now_opens_nobody_elses_work(used_up: Desk, network: Network) -> None:
    network.person_id = uid(77)
    with pytest.raises(Refused) as refusal:
        used_up.open("technician", PASSWORD)
    assert refusal.value.code == "server_sign_in_required"
