"""A client in a process of its own, to be killed: it edits and syncs without end, and says what it has committed.

The processes are forked from one that has loaded everything (`forkserver`), so that a start costs milliseconds. What a
client says goes through a pipe after the commit that it speaks of: whoever reads it may rely on it.
"""

import json
import multiprocessing
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cmms_desktop.app.desk import Desk, Workplace
from cmms_desktop.application.commands import parts, remarks
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import require_storable
from cmms_desktop.errors import ReplicaUnavailable, ServerBusy, ServerUnreachable, SessionExpired
from tests.support.fleet import Fleet, FleetDevice
from tests.support.small_site import PASSWORD

START_S = 60.0
END_S = 60.0
PATIENCE_S = 60.0
TRIES = 2


class FileStore:
    """A keyring that outlives a process, for tests only: secrets lie open in a file, replaced whole at each change."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, service: str, name: str) -> bytes | None:
        found = self._read().get(f"{service} {name}")
        return None if found is None else bytes.fromhex(found)

    def set(self, service: str, name: str, secret: bytes) -> None:
        require_storable(service, name, secret)
        self._write({**self._read(), f"{service} {name}": secret.hex()})

    def delete(self, service: str, name: str) -> None:
        self._write({key: value for key, value in self._read().items() if key != f"{service} {name}"})

    def _read(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        return found

    def _write(self, entries: dict[str, str]) -> None:
        partial = self._path.with_suffix(f".{secrets.token_hex(4)}")
        partial.write_text(json.dumps(entries))
        partial.replace(self._path)


def nothing() -> None:
    """Change nothing."""


@dataclass(frozen=True)
class ClientPlan:
    """Where a client works, and on what. `start_at`: number of its first edit; each edit has a number of its own."""

    folder: Path
    store: Path
    url: str
    organization: str
    login: str
    password: str
    order_ids: tuple[str, ...]
    part_id: str
    stock_location_id: str
    start_at: int
    edits: int | None = None
    """So many, then it ends in good order; None: it goes on until it is killed."""
    is_closed: bool = True
    """Whether it closes its store when it ends; otherwise the store is left as at a power cut."""
    before: Callable[[], None] = nothing
    """Run first, in the client's own process: arms a death, or takes a protection away."""

    def desk(self) -> Desk:
        """The installation, in whatever process."""
        settings = ClientSettings(self.folder, self.url, self.organization)
        return Desk(settings, FileStore(self.store), profile=keys.CHEAPEST)


def plan_for(fleet: Fleet, device: FleetDevice, store: Path) -> ClientPlan:
    """A plan for a device whose keyring is the file `store`; the device itself has to be closed meanwhile."""
    small = fleet.small
    return ClientPlan(
        folder=device.folder,
        store=store,
        url=fleet.url,
        organization=small.organization.slug,
        login=device.login,
        password=PASSWORD,
        order_ids=tuple(small.order_ids[:2]),
        part_id=small.part_ids[0],
        stock_location_id=small.van_ids[device.login],
        start_at=1,
    )


@dataclass(frozen=True)
class Said:
    """What a client says through its pipe.

    `ready`: it has opened its replica. `edit`: a mutation has committed, whose id is `text`. `stopped`: the store
    refused something, with the sentence that a person reads, and the name of the failure. `done`: it ends.
    """

    kind: str
    number: int = 0
    text: str = ""
    failure: str = ""


def run_client(plan: ClientPlan, told: Connection) -> None:
    """Edit and sync until killed, or as much as the plan says."""
    plan.before()
    try:
        workplace = plan.desk().open(plan.login, plan.password)
    except ReplicaUnavailable as failure:
        told.send(_stopped(0, failure))
        return
    if workplace.replica.get("work_order", plan.order_ids[0]) is None:
        _sync(workplace)  # for the first time
    told.send(Said("ready"))
    for number in count(plan.start_at):
        if plan.edits is not None and number >= plan.start_at + plan.edits:
            break
        for _ in range(TRIES):  # a person who is told that it was not saved presses again
            try:
                for mutation_id in _edit(workplace, plan, number):
                    told.send(Said("edit", number, mutation_id))
                if number % 3 == 0:
                    _sync(workplace)
            except ReplicaUnavailable as failure:
                told.send(_stopped(number, failure))
            else:
                break
    if plan.is_closed:
        try:
            workplace.close()
        except ReplicaUnavailable as failure:
            told.send(_stopped(number, failure))
    told.send(Said("done"))
    if not plan.is_closed:
        os._exit(0)


def _stopped(number: int, failure: ReplicaUnavailable) -> Said:
    return Said("stopped", number, failure.sentence, type(failure).__name__)


def _sync(workplace: Workplace) -> None:
    with suppress(ServerUnreachable, ServerBusy, SessionExpired):
        workplace.engine.sync()


def _edit(workplace: Workplace, plan: ClientPlan, number: int) -> list[str]:
    """Make one commit of one, two or five mutations; give their ids once it is durable."""
    order_id = plan.order_ids[number % len(plan.order_ids)]
    with workplace.replica.write() as write:
        if number % 3 == 0:
            write.set("work_order", order_id, title=f"T{number}")
        elif number % 3 == 1:
            remarks.add_comment(write, order_id, f"C{number}")
            remarks.add_photo(
                write, workplace.blobs, order_id, content=f"picture {number}".encode(), media_type="image/png"
            )
        else:
            parts.use_part(write, order_id, plan.part_id, stock_location_id=plan.stock_location_id, quantity=Decimal(1))
    return _newest(workplace, number)


def _newest(workplace: Workplace, number: int) -> list[str]:
    """Ids of the mutations of the last group."""
    with workplace.replica.read() as reading:
        lines = reading.cursor.execute(
            "SELECT mutation_id FROM outbox WHERE group_id = (SELECT group_id FROM outbox ORDER BY n DESC LIMIT 1)"
        ).fetchall()
    return [mutation_id for (mutation_id,) in lines]


class ClientProcess:
    """One running client."""

    def __init__(self, process: Any, told: Connection) -> None:
        self._process = process
        self._told = told

    def wait_until_ready(self) -> None:
        """Wait until it has opened its replica."""
        assert self._told.poll(START_S), "the client did not start"
        said = self._told.recv()
        assert said.kind == "ready", said

    def kill(self) -> list[Said]:
        """End it by SIGKILL, wherever it is, and give what it had said."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join(END_S)
        assert self._process.exitcode == -signal.SIGKILL, f"the client had ended by itself: {self._process.exitcode}"
        return self._heard()

    def hear_until(self, kind: str) -> list[Said]:
        """Listen until it says something of this kind, and give everything up to that."""
        said: list[Said] = []
        while not said or said[-1].kind != kind:
            assert self._told.poll(PATIENCE_S), f"the client never says {kind}"
            said.append(self._told.recv())
        return said

    def wait_until_killed(self) -> list[Said]:
        """Wait until something else has killed it, and give what it had said."""
        said = self._hear_all()
        assert self._process.exitcode == -signal.SIGKILL, f"the client had ended by itself: {self._process.exitcode}"
        return said

    def wait_until_done(self) -> list[Said]:
        """Wait until it has ended by itself, and give what it had said."""
        said = self._hear_all()
        assert self._process.exitcode == 0, f"the client has failed: {self._process.exitcode}"
        return said

    @property
    def pid(self) -> int:
        """Id of the process."""
        pid: int = self._process.pid
        return pid

    def _hear_all(self) -> list[Said]:
        """Listen until it ends: a pipe that nobody reads would hold it up."""
        said: list[Said] = []
        with suppress(EOFError):
            while True:
                assert self._told.poll(PATIENCE_S), "the client hangs"
                said.append(self._told.recv())
        self._process.join(PATIENCE_S)
        return said

    def _heard(self) -> list[Said]:
        said: list[Said] = []
        with suppress(EOFError):
            while self._told.poll():
                said.append(self._told.recv())
        return said

    def close(self) -> None:
        """Free what the process held; ends it when nobody has."""
        if self._process.is_alive():
            self._process.kill()
        self._process.join(END_S)
        self._process.close()
        self._told.close()


@contextmanager
def a_client(plan: ClientPlan) -> Iterator[ClientProcess]:
    """Start a client, and end it in any case."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=run_client, args=(plan, theirs), daemon=True)
    process.start()
    theirs.close()
    client = ClientProcess(process, ours)
    try:
        yield client
    finally:
        client.close()
