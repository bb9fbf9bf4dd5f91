"""A client in a process of its own, to be killed: it edits and syncs without end, and says what it has committed.

The processes are forked from one that has loaded everything (`forkserver`), so that a start costs milliseconds. What a
client says goes through a pipe after the commit that it speaks of: whoever reads it may rely on it.
"""

import json
import multiprocessing
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cmms_desktop.app.desk import Desk, Workplace
from cmms_desktop.application.commands import parts, remarks
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import require_storable
from cmms_desktop.errors import EnvironmentFailure, SessionExpired

START_S = 30.0
END_S = 10.0


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

    def desk(self) -> Desk:
        """The installation, in whatever process."""
        settings = ClientSettings(self.folder, self.url, self.organization)
        return Desk(settings, FileStore(self.store), profile=keys.CHEAPEST)


Said = tuple[str, int, str]
"""`edit`, number of the edit and id of its mutation; or `ready` and what syncing came to."""


def run_client(plan: ClientPlan, told: Connection) -> None:
    """Edit and sync until killed."""
    workplace = plan.desk().open(plan.login, plan.password)
    told.send(("ready", plan.start_at, ""))
    number = plan.start_at
    while True:
        for _ in range(3):
            mutation_ids = _edit(workplace, plan, number)
            for mutation_id in mutation_ids:
                told.send(("edit", number, mutation_id))
            number += 1
        with suppress(EnvironmentFailure, SessionExpired):
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
        assert self._told.recv()[0] == "ready"

    def kill(self) -> list[Said]:
        """End it by SIGKILL, wherever it is, and give what it had said."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join(END_S)
        assert self._process.exitcode == -signal.SIGKILL, f"the client had ended by itself: {self._process.exitcode}"
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
