"""A stage for screens: the seeded demonstration organization on a real replica, without a server.

The seed's own rows, as they would be pulled by the first technician or supervisor on Thursday 12 March 2026 at 06:58.
A store is made once for each person and copied for every test. What the doors of a presenter lead to is real, except
the network (QuietConversation) and the receiver (StandingReceiver).
"""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cmms_desktop.application.commands.sign_off import Hand
from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.application.positions import Position
from cmms_desktop.application.session import (
    EnrolledHere,
    HandOver,
    Key,
    LocalWrite,
    NoPosition,
    Reading,
    Session,
    SignedIn,
)
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.keys import to_base64url
from cmms_desktop.errors import CmmsError, Refused
from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.bridge.doors import Place, Refusal, ScreenContext, Stop, Then
from cmms_desktop.ui.bridge.kept_drafts import KeptDrafts
from sync_server.application.seeding.demonstration import Plan, plan_organization
from sync_server.application.seeding.profile import UTILITIES
from sync_server.contract import codec
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import Row
from tests.support.fake_server import over_the_wire
from tests.support.replicas import KEY, ids

T = TypeVar("T")
TODAY = date(2026, 3, 12)
MORNING = datetime(2026, 3, 12, 6, 58, tzinfo=UTC)
PASSWORD = "demo-only-password"
RECOVERY = X25519PrivateKey.generate()
DEVICES = {"technician": "00000000-0000-7000-8000-00000000d001", "supervisor": "00000000-0000-7000-8000-00000000d002"}


class StageClock:
    """Goes on by a millisecond at each look, and when told to."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def advance(self, *, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@functools.cache
def plan() -> Plan:
    """The organization as rows."""
    return plan_organization(UTILITIES, today=TODAY)


@functools.cache
def rows() -> dict[tuple[str, str], Row]:
    """Every row as it stands in the end."""
    return {key: row for unit in plan().content.units for key, row in unit.items()}


def person(login: str) -> Any:
    """A seeded person by login."""
    return plan().summary.person(login)


def scopes_of(login: str) -> dict[str, str]:
    """Aggregate id → scope, for everything that a person's device would hold."""
    who = person(login)
    mine = set(plan().summary.today_order_ids)
    mine |= {
        str(row["aggregate_id"])
        for (entity, _), row in rows().items()
        if entity == "work_order_assignment" and row["person_id"] == who.person_id
    }
    sites = {str(row["site_id"]) for (entity, _), row in rows().items() if entity == "site_access"
             and row["person_id"] == who.person_id}  # fmt: skip
    lent = {row["asset_id"] for (entity, row_id), row in rows().items() if entity == "work_order" and row_id in mine}
    held: dict[str, str] = {}
    for (entity, row_id), row in rows().items():
        if not REGISTRY[entity].is_root:
            continue
        if entity == "work_order":
            if login == "technician" and row_id in mine:
                held[row_id] = f"user:{who.person_id}"
            elif login == "supervisor" and row["site_id"] in sites:
                held[row_id] = f"review:{row['site_id']}"
        elif entity == "service_request":
            if login == "supervisor" and row["site_id"] in sites:
                held[row_id] = f"review:{row['site_id']}"
        elif entity == "asset" and login == "technician" and row_id in lent:
            held[row_id] = f"user:{who.person_id}"
        elif row.get("site_id") in (None, *sites):
            held[row_id] = "org:catalog"
    return held


def pulled_lines(login: str) -> list[list[Any]]:
    """One answer to a pull that brings all of it."""
    held = scopes_of(login)
    types = {entity: list(spec.names) for entity, spec in REGISTRY.items()}
    lines: list[list[Any]] = [[codec.HEADER, {"protocol": 1, "epoch": EPOCH, "types": types}]]
    for entity, row_id in rows():
        if REGISTRY[entity].is_root and row_id in held:
            lines.append([codec.JOIN, held[row_id], entity, [row_id]])
    for entity in AGGREGATES_IN_ORDER:
        found = [row for (name, _), row in rows().items() if name == entity and row["aggregate_id"] in held]
        if found:
            stamped = [{**row, "version": 1, "sync_seq": 1, "row_hash": 1} for row in found]
            lines.append([codec.ROWS, entity, [[row[name] for name in REGISTRY[entity].names] for row in stamped]])
    digests = {scope: [0, 0] for scope in held.values()}
    end = {"cursor": "stage", "seq": 1, "nonce": 7, "digests": digests, "bootstrap": [], "more": False}
    return over_the_wire([*lines, [codec.END, end]])


EPOCH = "00000000-0000-7000-8000-00000000e001"
AGGREGATES_IN_ORDER = tuple(dict.fromkeys(entity for entities in AGGREGATES.values() for entity in entities))


@functools.cache
def template(login: str) -> Path:
    """A closed store with everything that somebody's device would hold in the morning."""
    folder = Path(tempfile.mkdtemp(prefix="stage-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "replica.db"
    with Replica.open(path, KEY, clock=lambda: MORNING) as replica:
        organization_id, who = plan().summary.organization_id, person(login)
        replica.identify(
            organization_id=organization_id, person_id=who.person_id, device_id=DEVICES[login], role=who.role
        )
        replica.apply_pull(pulled_lines(login), since=None)
    return path


class InlineBackground:
    """Does everything at once, in the calling thread: for tests of presenters."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._listeners: list[Callable[[frozenset[Key]], None]] = []
        self.complaints: list[CmmsError] = []
        self._changed: set[Key] | None = None
        session.subscribe(self._hear)

    def read(self, query: Callable[[Reading], T], then: Then[T], *, refused: Refusal | None = None) -> None:
        def work() -> T:
            with self._session.reading() as reading:
                return query(reading)

        self.run(work, then, refused=refused)

    def write(
        self,
        command: Callable[[LocalWrite], T],
        then: Then[T] | None = None,
        *,
        refused: Refusal | None = None,
        forgets: Iterable[str] = (),
    ) -> None:
        def work() -> T:
            with self._session.writing() as write:
                found = command(write)
                self._session.forget_notes(write, forgets)
            return found

        self.run(work, then, refused=refused)

    def run(self, work: Callable[[], T], then: Then[T] | None = None, *, refused: Refusal | None = None) -> None:
        outer, self._changed = self._changed, set()
        try:
            found = work()
        except CmmsError as problem:
            (refused or self.complaints.append)(problem)
        else:
            if then is not None:
                then(found)
        finally:
            changed, self._changed = self._changed, outer
        self._hear(frozenset(changed))

    def on_touched(self, listener: Callable[[frozenset[Key]], None]) -> Stop:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _hear(self, keys: frozenset[Key]) -> None:
        """Tell of what somebody else changed; of what a piece of work changed, after its answer."""
        if self._changed is not None:
            self._changed |= keys
        elif keys:
            for listener in tuple(self._listeners):
                listener(keys)


@dataclass
class QuietConversation:
    """Nobody at the other end; a test says how things stand."""

    status: SyncStatus = field(
        default_factory=lambda: SyncStatus(connection=Connection.ONLINE, last_sync_at="2026-03-12T06:58:00.000000Z")
    )
    asked: list[str] = field(default_factory=list)
    refuse_sign_in: str | None = None
    wanted: list[NewPassword] = field(default_factory=list)
    """Passwords that somebody wanted to count."""
    refuse_password: CmmsError | None = None
    _listeners: list[Callable[[SyncStatus], None]] = field(default_factory=list)

    def on_status(self, listener: Callable[[SyncStatus], None]) -> Stop:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def say(self, status: SyncStatus) -> None:
        self.status = status
        for listener in tuple(self._listeners):
            listener(status)

    def sync_now(self) -> None:
        self.asked.append("sync")

    def pause_photos(self, is_paused: bool) -> None:
        self.asked.append(f"pause {is_paused}")

    def send_photos_now(self) -> None:
        self.asked.append("photos now")

    def sign_in_again(self, password: str, *, code: str | None, then: Then[None], refused: Refusal) -> None:
        self.asked.append("sign in" if code is None else "sign in with a code")
        if self.refuse_sign_in:
            refused(Refused("sign_in_refused", self.refuse_sign_in))
        else:
            then(None)

    def choose_password(self, wanted: NewPassword, *, then: Then[None], refused: Refusal) -> None:
        self.wanted.append(wanted)
        then(None) if self.refuse_password is None else refused(self.refuse_password)


@dataclass
class NotedNavigator:
    """Remembers where somebody wanted to go and what was said."""

    places: list[Place] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    undo: Callable[[], None] | None = None
    complaints: list[CmmsError] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    """Those of the toasts that were no good news."""

    def open(self, place: Place) -> None:
        self.places.append(place)

    def replace(self, place: Place) -> None:
        self.places[-1:] = [place]

    def back(self) -> None:
        self.places.append(Place.of("back"))

    def toast(self, text: str, *, undo: Callable[[], None] | None = None, needs_attention: bool = False) -> None:
        self.toasts.append(text)
        self.warned += [text] if needs_attention else []
        self.undo = undo

    def complain(self, problem: CmmsError) -> None:
        self.complaints.append(problem)


@dataclass
class StandingReceiver:
    """A receiver that stands where a test says; None: it has no fix."""

    position: Position | None = None
    sentence: str = "The receiver has no satellite fix yet. Go outside or to a window and try again."

    def locate(self, *, within_s: float) -> Position:
        if self.position is None:
            raise NoPosition(self.sentence)
        return self.position


@dataclass
class StagePeople:
    """Technician and supervisor, both with the demonstration's password."""

    signers: dict[str, DeviceSigner]

    def enrolled(self) -> tuple[EnrolledHere, ...]:
        return tuple(EnrolledHere(person(login).person_id, login, person(login).role) for login in self.signers)

    def unlock(self, person_id: str, secret: str) -> Hand:
        if secret != PASSWORD:
            raise Refused("wrong_secret", "That is not right. 4 tries are left.")
        signer = next(signer for login, signer in self.signers.items() if person(login).person_id == person_id)
        return Hand(
            organization_id=plan().summary.organization_id,
            person_id=person_id,
            device_id=signer.device_id,
            sign=signer.sign_text,
        )


@dataclass
class Stage:
    """One person on a replica of his own, with everything that a screen gets."""

    login: str
    replica: Replica
    session: Session
    clock: StageClock
    receiver: StandingReceiver
    conversation: QuietConversation = field(default_factory=QuietConversation)
    navigator: NotedNavigator = field(default_factory=NotedNavigator)

    @property
    def person_id(self) -> str:
        return self.session.signed_in.person_id

    @functools.cached_property
    def background(self) -> InlineBackground:
        return InlineBackground(self.session)

    @functools.cached_property
    def context(self) -> ScreenContext:
        """The doors, all work done at once."""
        return ScreenContext(
            session=self.session,
            background=self.background,
            conversation=self.conversation,
            navigator=self.navigator,
            drafts=KeptDrafts(self.session, later=lambda work: work()),
            clock=self.clock,
        )

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The technician's orders of the day, in route order."""
        return plan().summary.today_order_ids

    def stand_at(self, order_id: str, *, metres_east: float = 10.0, accuracy_m: float | None = 4.0) -> None:
        """Put the receiver beside the centre of an order's site."""
        order = self.replica.get("work_order", order_id)
        site = self.replica.get("site", str(order["site_id"])) if order else None
        assert site is not None
        east = metres_east / 78_600  # metres of a degree of longitude at 45° north
        self.receiver.position = Position(
            latitude=float(site["latitude"] or 0),
            longitude=float(site["longitude"] or 0) + east,
            accuracy_m=accuracy_m,
            age_s=2.0,
            source="nmea-file",
        )


@contextmanager
def a_stage(folder: Path, login: str = "technician", *, fresh: bool = True) -> Iterator[Stage]:
    """Somebody's stage in a folder; `fresh=False` opens the store that is there already."""
    if fresh:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(template(login), folder / "replica.db")
    clock, receiver = StageClock(), StandingReceiver()
    database = ReplicaDatabase.open(folder / "replica.db", KEY)
    with Replica(database, clock=clock, ids=ids()) as replica:
        signers = {name: DeviceSigner.generate(device) for name, device in DEVICES.items()}
        who = person(login)
        signed_in = SignedIn(who.person_id, login, who.role, DEVICES[login], UTILITIES.slug)
        blobs = BlobFolder(folder / "blobs", KEY)
        recovery_key = to_base64url(RECOVERY.public_key().public_bytes_raw())
        hand_over = HandOver(signers[login].sign_statement, lambda: recovery_key, app_version="0.1.0")
        session = Session(
            replica,
            blobs,
            signed_in=signed_in,
            people=StagePeople(signers),
            positions=receiver,
            hand_over=hand_over,
        )
        yield Stage(login, replica, session, clock, receiver)
