"""Replicas for tests: made from a migrated template file, with a clock and ids that tests control."""

import atexit
import functools
import itertools
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.tables import SYNCED
from cmms_desktop.replica.transaction import Replica
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Verdict
from sync_server.contract.rules.draft import Key
from tests.support.fake_server import AT, FakeServer

KEY = bytes(range(32))
ORGANIZATION = "00000000-0000-7000-8000-00000000c001"
TECHNICIAN = "00000000-0000-7000-8000-00000000a001"
DEVICE = "00000000-0000-7000-8000-00000000d001"
SITE = "00000000-0000-7000-8000-00000000b001"
SCOPE = f"user:{TECHNICIAN}"


def ids(start: int = 1) -> Callable[[], str]:
    """Ids in ascending order, different from those of the constants."""
    numbers = itertools.count(start)
    return lambda: f"11111111-0000-7000-8000-{next(numbers):012x}"


class Clock:
    """A clock that goes on by a second at each look."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@functools.cache
def template() -> Path:
    """A migrated, empty, closed store."""
    folder = Path(tempfile.mkdtemp(prefix="replica-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "replica.db"
    Replica.open(path, KEY).close()
    return path


def new_replica(
    folder: Path, *, name: str = "replica.db", device_id: str = DEVICE, first_id: int = 1, time: "Clock | None" = None
) -> Replica:
    """A replica of the technician, signed in and empty."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template(), folder / name)
    database = ReplicaDatabase.open(folder / name, KEY)
    replica = Replica(database, clock=time or Clock(), ids=ids(first_id))
    replica.identify(organization_id=ORGANIZATION, person_id=TECHNICIAN, device_id=device_id, role="technician")
    return replica


def row(entity: str, row_id: str, aggregate_id: str | None = None, **values: Scalar) -> Row:
    """A row as the office made it, with defaults for what is not named."""
    audit: Row = {"created_at": AT, "updated_at": AT, "id": row_id, "aggregate_id": aggregate_id or row_id}
    return completed(REGISTRY[entity], {**audit, **values})


def work_order(row_id: str, **values: Scalar) -> Row:
    """An order of the technician's site, in progress."""
    defaults: Row = {"number": f"WO-{row_id[-4:]}", "title": "Check the pump", "site_id": SITE, "status": "in_progress"}
    return row("work_order", row_id, None, **(defaults | values))


def uid(number: int) -> str:
    """A readable id."""
    return f"22222222-0000-7000-8000-{number:012x}"


def sign(message: bytes) -> bytes:
    """A stand-in for the device's key: tests of the replica verify chains, not signatures."""
    return bytes(64)


@dataclass
class Field:
    """A fake server with one technician's device: the smallest world in which a replica lives."""

    folder: Path
    server: FakeServer = field(default_factory=lambda: FakeServer(allowed=[SCOPE]))

    def __post_init__(self) -> None:
        self.clock = Clock()
        self._starts = itertools.count(1)
        self.replica = new_replica(self.folder, time=self.clock)

    def add_order(self, number: int, *, scope: str = SCOPE, **values: Scalar) -> str:
        """The office makes an order and puts it into a scope."""
        order_id = uid(number)
        self.server.join(scope, order_id, "work_order")
        self.server.commit({("work_order", order_id): work_order(order_id, **values)})
        return order_id

    def add(self, entity: str, number: int, aggregate_id: str, **values: Scalar) -> str:
        """The office adds a row to an aggregate."""
        row_id = uid(number)
        self.server.commit({(entity, row_id): row(entity, row_id, aggregate_id, **values)})
        return row_id

    def restart(self) -> None:
        """Close the program and start it again."""
        self.replica.close()
        database = ReplicaDatabase.open(self.folder / "replica.db", KEY)
        self.replica = Replica(database, clock=self.clock, ids=ids(next(self._starts) * 100_000))

    def advance(self, *, days: int) -> None:
        """Let time pass."""
        self.clock.now += timedelta(days=days)

    def add_level(self, level: str, stock_location_id: str, part_id: str, *, quantity: str) -> None:
        """The office counts what lies somewhere."""
        values: Row = {"stock_location_id": stock_location_id, "part_id": part_id, "quantity": quantity}
        self.server.commit({("stock_level", level): row("stock_level", level, None, **values)})

    def add_person(self, person_id: str, role: str) -> None:
        """The office makes a person known, with the same role on the technician's site."""
        access_id = person_id[:-4] + "acce"
        access = row("site_access", access_id, person_id, person_id=person_id, site_id=SITE, role=role)
        person = row("person", person_id, name="Somebody", role=role)
        self.server.commit({("person", person_id): person, ("site_access", access_id): access})

    def pull(self) -> None:
        """Pull, and fetch the scopes that the answer names."""
        self.pull_once()
        for scope in self.replica.state().bootstrap:
            self.fetch(scope)

    def pull_once(self) -> None:
        """One incremental pull."""
        since = self.replica.state().cursor
        self.replica.apply_pull(self.server.pull(since), since=since)

    def fetch(self, scope: str, *, limit: int = 2) -> None:
        """Fetch one scope, slice by slice."""
        with self.replica.bootstrapping(scope) as fetch:
            while not fetch.is_complete:
                fetch.add(self.server.bootstrap(scope, fetch.token, self.replica.state().cursor, limit=limit))

    def push(self) -> list[Verdict]:
        """Push one batch and take the answers."""
        batch = self.replica.outbox.seal_next(sign)
        if batch is None:
            return []
        answers = self.server.push(each.sealed for each in batch.mutations)
        self.replica.outbox.record_verdicts(answers)
        return answers

    def sync(self) -> None:
        """Push everything that may be sent, then pull."""
        while self.push():
            pass
        self.pull()

    def visible(self) -> dict[Key, Row]:
        """Every visible row, tombstones too."""
        return everything(self.replica)

    def expected(self) -> dict[Key, Row]:
        """What the server's scopes of this device hold, live rows only."""
        held = {
            each
            for scope in self.server.allowed
            for each, line in self.server.scopes.get(scope, {}).items()
            if line.live
        }
        return {
            key: one
            for key, one in self.server.rows.items()
            if one["aggregate_id"] in held and one["deleted_at"] is None
        }

    def assert_converged(self) -> None:
        """Every live row is the server's, and nothing waits."""
        live = {key: one for key, one in self.visible().items() if one["deleted_at"] is None}
        assert live == self.expected()
        with self.replica.read() as reading:
            assert reading.cursor.execute("SELECT count(*) FROM shadow").fetchone() == (0,)
            assert reading.cursor.execute("SELECT count(*) FROM outbox WHERE touches IS NOT NULL").fetchone() == (0,)


def everything(replica: Replica) -> dict[Key, Row]:
    """Every visible row of a replica, tombstones too."""
    found: dict[Key, Row] = {}
    with replica.read() as reading:
        for entity in SYNCED:
            for (row_id,) in reading.cursor.execute(f"SELECT id FROM {entity}").fetchall():
                one = reading.get(entity, row_id)
                assert one is not None
                found[entity, row_id] = one
    return found
