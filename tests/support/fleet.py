"""A fleet: one real server, an office that works in its database, and devices with encrypted replicas of their own.

Each device is an installation with a keyring in memory, a clock that is wrong in its own way, and a network that can
be switched off or made bad. `assert_converged` is how every test of the conversation ends: old device, fresh device
and server have the same rows.
"""

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from cmms_desktop.app.desk import Desk, Workplace
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore, SecretStore
from cmms_desktop.errors import CmmsError, ContractMismatch, EnvironmentFailure, Refused, SessionExpired
from cmms_desktop.replica.local_write import LocalWrite
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.engine import Report
from sync_server.contract.fields import Row
from tests.support import convergence
from tests.support.crash_points import CrashPoint
from tests.support.fault_transport import ClientKilled, Fault, FaultTransport, Weather
from tests.support.mutation_ledger import Ledger, waiting
from tests.support.office_desk import OfficeDesk
from tests.support.quick_stores import quick_stores
from tests.support.scope_oracle import Rows, all_rows, assert_index_is_right
from tests.support.small_site import PASSWORD, SmallSite, build
from tests.support.stoppable_server import StoppableServer

STARTED_AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
TICK = timedelta(milliseconds=7)
SKEWS = (timedelta(), timedelta(days=-2), timedelta(days=365), timedelta(minutes=-17))
"""How wrong the clocks of devices are, in turn: no clock decides anything but audit fields (invariant 29)."""
TIMEOUT_S = 60.0
Outcome = Report | CmmsError


@dataclass
class FleetClock:
    """One clock for everybody; each look moves it on a little."""

    now: datetime = STARTED_AT

    def __call__(self) -> datetime:
        self.now += TICK
        return self.now

    def advance(self, **span: float) -> None:
        """Let time pass: `minutes=5`."""
        self.now += timedelta(**span)


class FleetDevice:
    """A person's workplace with its network and its disk."""

    def __init__(self, fleet: "Fleet", login: str, folder: Path, *, store: SecretStore, skew: timedelta) -> None:
        """Enrol the person on a new installation, or on `folder` and `store` of another one."""
        self.fleet = fleet
        self.login = login
        self.folder = folder
        self.store = store
        self.weather = Weather()
        self.patience_s = TIMEOUT_S
        """That a request may take."""
        self.skew = skew
        settings = ClientSettings(folder, fleet.url, fleet.small.organization.slug)
        self.desk = Desk(settings, store, clock=self.clock, profile=keys.CHEAPEST, network=self._client)
        with quick_stores():
            self.workplace: Workplace = self.desk.open(login, PASSWORD)

    def __repr__(self) -> str:
        return f"<{self.login}>"

    def clock(self) -> datetime:
        """What this device takes for the time."""
        return self.fleet.clock() + self.skew

    def _client(self) -> httpx.Client:
        transport = FaultTransport(self.weather)
        return httpx.Client(base_url=self.fleet.url, transport=transport, timeout=self.patience_s)

    @property
    def person_id(self) -> str:
        return self.workplace.identity.person.person_id

    # ---- the person

    @contextmanager
    def write(self) -> Iterator[LocalWrite]:
        """Make local changes; the ledger remembers the mutations that they become."""
        with self.workplace.replica.write() as write:
            yield write
            made = waiting(write.cursor)
        self.fleet.ledger.take(made)

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a visible row."""
        return self.workplace.replica.get(entity, row_id)

    def see(self, entity: str, row_id: str) -> Row:
        """Give a row that must be visible."""
        row = self.get(entity, row_id)
        assert row is not None, f"{self.login} does not see {entity} {row_id}"
        return row

    def rows(self, entity: str, aggregate_id: str) -> list[Row]:
        """Live rows of an aggregate, in order of position or age."""
        from cmms_desktop.application.queries.work import live_rows

        with self.workplace.replica.read() as reading:
            return list(live_rows(reading, entity, aggregate_id))

    @property
    def waiting(self) -> int:
        """Mutations without an answer."""
        return self.workplace.replica.outbox.state().count

    # ---- the network

    def offline(self) -> None:
        """Take the network away."""
        self.weather.is_offline = True

    def online(self) -> None:
        """Give the network back, in good order."""
        self.weather.is_offline = False
        self.weather.script.clear()

    def sync(self, *faults: Fault) -> Outcome:
        """Run one cycle with faults for its first requests. Gives the report, or what stopped it.

        Killed in the middle, the device starts again from what is on its disk.
        """
        self.weather.expect(faults)
        try:
            return self._cycle()
        except ClientKilled as killed:  # also while he signs in again
            self.crash()
            return EnvironmentFailure(f"The device was killed: {killed!r}")
        finally:
            self.weather.script.clear()

    def _cycle(self) -> Outcome:
        try:
            return self.workplace.engine.sync()
        except SessionExpired as over:
            self.weather.script.clear()
            return self._sign_in_again(over)
        except Refused as refusal:
            if refusal.code != "device_revoked":
                raise
            return refusal
        except (EnvironmentFailure, ContractMismatch) as failure:
            return failure

    def _sign_in_again(self, over: SessionExpired) -> Outcome:
        try:
            self.desk.sign_in_again(self.workplace, PASSWORD)
        except Refused as refusal:
            if refusal.code != "device_revoked":
                raise
            return refusal
        return over

    @property
    def id(self) -> str:
        """The id with which it signs."""
        return self.workplace.identity.device_signer.device_id

    def sync_well(self) -> Report:
        """Run one cycle that must work; a session that a bad network has ended may be begun again first."""
        self.online()
        outcome = self.sync()
        if isinstance(outcome, SessionExpired):
            outcome = self.sync()
        if not isinstance(outcome, Report):
            raise AssertionError(f"{self.login} could not sync: {outcome.sentence}") from outcome
        return outcome

    def deliver_held(self) -> None:
        """Let every request that the network held back arrive now."""
        if self.weather.held:
            transport = FaultTransport(self.weather)
            transport.deliver_held()
            transport.close()

    def withdraw_refused(self) -> None:
        """Take back what the server refused, and what rests on refused or held work: what a person would do."""
        outbox = self.workplace.replica.outbox
        while parked := outbox.parked():
            outbox.withdraw(parked[0].mutation_id, with_dependents=True)
        while blocked := [entry for entry in outbox.waiting() if entry.blocked_by is not None]:
            outbox.withdraw(blocked[-1].mutation_id, with_dependents=True)

    # ---- the disk

    @property
    def _image(self) -> Path:
        return self.folder.with_name(self.folder.name + ".image")

    def take_image(self) -> None:
        """Copy the files as they lie there now."""
        if not self._image.exists():
            shutil.copytree(self.folder, self._image)

    def die_at(self, commits: int, boundary: str) -> None:
        """Let the device die before or after the commit of a write to come, after `commits` others."""
        CrashPoint(self.workplace.replica.database, self.take_image, commits=commits, boundary=boundary)

    def crash(self) -> None:
        """Go on as after SIGKILL: from a copy of the files as they lay there when it died, or lie there now."""
        self.take_image()
        self.workplace.close()
        shutil.rmtree(self.folder)
        self._image.rename(self.folder)
        self.workplace = self.desk.unlocked(self.login, PASSWORD)
        self.fleet.ledger.note(self.workplace.replica)

    def reopen(self) -> None:
        """Start the program again; also after `close`. Clocks jump by years here: what a lease locks is not asked."""
        self.workplace.close()
        self.workplace = self.desk.unlocked(self.login, PASSWORD)

    def close(self) -> None:
        """Close the workplace."""
        self.workplace.close()

    def finish_wipes(self) -> tuple[str, ...]:
        """Do what the program does before anybody signs in: remove what wipes have left, and report them."""
        sentences, notes = self.desk.go_on_with_wipes()
        with closing(self.desk.anonymous()) as transport:
            self.desk.report_wipes(notes, over=transport)
        return sentences


@dataclass
class Fleet:
    """A new organization on a server, with everybody who works in it."""

    stoppable: StoppableServer
    folder: Path
    clock: FleetClock = field(default_factory=FleetClock)
    devices: list[FleetDevice] = field(default_factory=list)
    way: str | None = None
    """Where devices find the server, when something stands between."""

    def __post_init__(self) -> None:
        """Make the organization; nobody is signed in yet."""
        self.small: SmallSite = build(self.stoppable.server.organization())
        self.organization = self.small.organization
        self.ledger = Ledger(self.organization)
        self.office = OfficeDesk(self.small, self.ledger, self.clock)
        self._number = 0

    @property
    def url(self) -> str:
        """Where devices find the server."""
        return self.way or self.stoppable.url

    def device(self, login: str, *, beside: FleetDevice | None = None, store: SecretStore | None = None) -> FleetDevice:
        """Sign somebody in on an installation of his own, or on another person's, and sync for the first time."""
        device = self._enrol(login, folder=beside.folder if beside else None, store=beside.store if beside else store)
        self.devices.append(device)
        device.sync_well()
        return device

    def enrol(self, login: str) -> FleetDevice:
        """Sign somebody in on an installation of his own; it has not synced yet."""
        device = self._enrol(login)
        self.devices.append(device)
        return device

    def _enrol(self, login: str, *, folder: Path | None = None, store: SecretStore | None = None) -> FleetDevice:
        self._number += 1
        folder = folder or self.folder / f"device-{self._number}"
        return FleetDevice(self, login, folder, store=store or MemoryStore(), skew=SKEWS[self._number % len(SKEWS)])

    def close(self) -> None:
        """Close all devices."""
        for device in self.devices:
            device.close()

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ---- what must hold in the end

    def settle(self) -> None:
        """Let the weather clear up, late requests arrive, and everybody sync twice."""
        for device in self.devices:
            device.online()
            device.deliver_held()
        for _ in range(2):
            for device in self.served():
                device.sync_well()

    def served(self) -> list[FleetDevice]:
        """Give the devices that are not revoked, as the server says now."""
        found = self.organization.ask("select id::text from device where revoked_at is not null")
        return [device for device in self.devices if (device.id,) not in found]

    def assert_converged(self, *, fresh: Collection[str] | None = None) -> None:
        """After two syncs every device equals a fresh one and the server's scopes, and nothing was lost or doubled.

        `fresh`: whose fresh devices are looked at, when not everybody's; all are compared with the server.
        """
        rows, served = self.assert_mirrored(fresh=fresh), self.served()
        self.ledger.require_nothing_lost(self._replicas(served), rows, revoked=self._replicas(self.devices, served))

    def assert_mirrored(self, *, fresh: Collection[str] | None = None) -> Rows:
        """After two syncs devices, fresh devices and the server's scopes are the same; give the server's rows.

        For tests that write orders past the rules, as an import does: the ledger would miss who did it.
        """
        self.settle()
        served = self.served()
        for device in served:
            self._assert_at_rest(device)
        rows = all_rows(self.organization)
        for login in dict.fromkeys(device.login for device in served):
            devices = [device for device in served if device.login == login]
            self._assert_same_as_server(devices, rows, is_fresh=fresh is None or login in fresh)
        assert_index_is_right(self.organization)
        convergence.require_stock_adds_up(self.organization)
        return rows

    @staticmethod
    def _replicas(devices: Collection[FleetDevice], but: Collection[FleetDevice] = ()) -> list[Replica]:
        return [device.workplace.replica for device in devices if device not in but]

    def _assert_at_rest(self, device: FleetDevice) -> None:
        report = device.sync_well()
        assert (report.pushed, report.pulled_rows, report.bootstrapped) == (0, 0, []), (
            f"{device} is not at rest: {report}"
        )
        convergence.require_settled(device.workplace.replica)
        convergence.require_digests(device.workplace.replica)

    def _assert_same_as_server(self, devices: Collection[FleetDevice], rows: Rows, *, is_fresh: bool) -> None:
        """Look at the devices of one person."""
        login = next(iter(devices)).login
        scopes = convergence.scopes_of(self.organization, self.small.people[login])
        at_server = convergence.server_rows(self.organization, scopes, rows)
        if is_fresh:
            fresh = self._enrol(login)
            try:
                fresh.sync_well()
                assert set(fresh.workplace.replica.state().digests or {}) == scopes
                here = convergence.live_rows(fresh.workplace.replica)
                convergence.require_same(here, at_server, names=("a fresh device", "the server"))
            finally:
                fresh.close()
        for device in devices:
            assert set(device.workplace.replica.state().digests or {}) == scopes
            here = convergence.live_rows(device.workplace.replica)
            convergence.require_same(here, at_server, names=(repr(device), "the server"))


@contextmanager
def a_fleet(stoppable: StoppableServer, *, way: str | None = None) -> Iterator[Fleet]:
    """A fleet in a folder of its own, both gone at the end."""
    with tempfile.TemporaryDirectory(prefix="cmms-fleet-") as folder, Fleet(stoppable, Path(folder), way=way) as fleet:
        yield fleet
