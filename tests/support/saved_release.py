"""A saved release, unpacked: a device of then, its server's database brought up to date, and the client's code of then.

What is in it: `tests/releases/README.md`. Nothing here changes it; every test works on copies.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from cmms_desktop.app.desk import now_utc
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.identity import Installation
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.replica.transaction import Replica
from sync_server.storage.migrating import downgrade, migrate
from tests.architecture.source_tree import ROOT
from tests.support.fleet import Fleet, FleetDevice
from tests.support.mutation_ledger import Ledger
from tests.support.office_desk import OfficeDesk
from tests.support.postgres import TEST_SECRET, Clusters
from tests.support.scope_oracle import Rows
from tests.support.server_side import TIMEOUT_S, Organization, services_for
from tests.support.small_site import PASSWORD, SmallSite
from tests.support.stoppable_server import StoppableServer

RELEASES: Final = ROOT / "tests" / "releases"
DRIVER: Final = RELEASES / "drive_client.py"
PATIENCE_S: Final = 120.0


@dataclass(frozen=True)
class SavedRelease:
    """One folder of `tests/releases`."""

    name: str

    @property
    def facts(self) -> dict[str, Any]:
        """Who worked there, and what was where."""
        found: dict[str, Any] = json.loads((RELEASES / self.name / "facts.json").read_bytes())
        return found

    def unpack(self, what: str, target: Path) -> Path:
        """Unpack `device`, `server` or `client` into a folder; give it."""
        with tarfile.open(RELEASES / self.name / f"{what}.tar.xz") as archive:
            # Python 3.11 has it from its fourth release on; Debian 12's is older, and the archives are our own.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(target)
        return target

    def secrets(self) -> MemoryStore:
        """The keyring of the installation."""
        store = MemoryStore()
        for service, name, secret in self.facts["secrets"]:
            store.set(service, name, bytes.fromhex(secret))
        return store

    def device_folder(self, target: Path) -> Path:
        """The installation's folder."""
        return self.unpack("device", target) / "files"

    def replica(self, folder: Path) -> tuple[Path, bytes]:
        """The file of the replica in an unpacked folder, and its key."""
        settings = ClientSettings(folder, "http://127.0.0.1:1", self.facts["organization"])
        here = Installation(settings, self.secrets(), clock=now_utc, profile=keys.CHEAPEST)
        (person,) = here.people()
        identity = here.unlock(person.person_id, PASSWORD)
        return settings.replica_path(person.person_id), identity.replica_key


FIRST: Final = SavedRelease("0001")


class LedgerOfToday(Ledger):
    """A ledger that begins in the middle: sums over what was made before cannot be drawn, so the rest is compared."""

    def require_nothing_lost(self, replicas: Iterable[Replica], rows: Rows, *, revoked: Iterable[Replica] = ()) -> None:
        """Find every mutation that was made since at the server, answered once."""
        for replica in replicas:
            self.note(replica)
        query = "select mutation_id::text from applied_mutation where organization_id = %s"
        answered = {mutation_id for (mutation_id,) in self.organization.ask(query, self.organization.id)}
        assert self.made.keys() <= answered, "a mutation was lost"


@dataclass
class SavedFleet(Fleet):
    """The organization of a saved release on a server of today."""

    release: SavedRelease = field(default=FIRST)

    def __post_init__(self) -> None:
        """Find everybody where he was."""
        facts = self.release.facts
        with psycopg.connect(self.stoppable.server.owner_url) as connection:
            ((organization_id,),) = connection.execute("select id::text from organization").fetchall()
        self.organization = Organization(self.stoppable.server, organization_id, facts["organization"])
        self.small = SmallSite(self.organization, **facts["site"])
        self.ledger = LedgerOfToday(self.organization)
        self.office = OfficeDesk(self.small, self.ledger, self.clock)
        self._number = 0

    def saved_device(self) -> FleetDevice:
        """Open the saved device with the client of today; it has not synced yet."""
        folder = self.release.device_folder(self.folder / "saved")
        device = self._enrol(self.release.facts["login"], folder=folder, store=self.release.secrets())
        self.devices.append(device)
        return device


@contextmanager
def a_saved_server(clusters: Clusters, postgres_end: str, release: SavedRelease = FIRST) -> Iterator[StoppableServer]:
    """A server of today over the database of a saved release, migrated with its rows in it."""
    name = clusters.new_database(postgres_end, migrated=True)
    owner_url = clusters.get(postgres_end).url(name)
    try:
        with tempfile.TemporaryDirectory(prefix="cmms-test-") as folder:
            unpacked = release.unpack("server", Path(folder))
            bring_back(owner_url, release, (unpacked / "rows.sql").read_text("utf-8"))
            services = services_for(owner_url, unpacked / "files")
            with services.database, httpx.Client(timeout=TIMEOUT_S) as http:
                stoppable = StoppableServer(services, owner_url, http)
                stoppable.start()
                try:
                    yield stoppable
                finally:
                    stoppable.stop()
    finally:
        clusters.drop(postgres_end, name)


def bring_back(owner_url: str, release: SavedRelease, rows: str) -> None:
    """Make a migrated, empty database what it was, and bring it up to date again with its rows."""
    downgrade(owner_url, TEST_SECRET, release.facts["server_revision"])
    load_rows(owner_url, rows)
    migrate(owner_url, TEST_SECRET)


def load_rows(owner_url: str, rows: str) -> None:
    """Write the rows past all triggers, which would make them again."""
    statements = "\n".join(line for line in rows.splitlines() if not line.startswith("\\"))
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statements.encode())


@contextmanager
def a_saved_fleet(stoppable: StoppableServer, release: SavedRelease = FIRST) -> Iterator[SavedFleet]:
    """The organization of a saved release, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="cmms-fleet-") as folder:
        fleet = SavedFleet(stoppable, Path(folder), release=release)
        with fleet:
            yield fleet


class OldClient:
    """The client of a saved release, its own code in a process of its own, on an installation of its own."""

    def __init__(self, release: SavedRelease, folder: Path, *, url: str, organization: str, login: str) -> None:
        """Unpack the code; nothing is started yet. A folder that was used before goes on from there."""
        self._code = folder / "code"
        if not self._code.exists():
            release.unpack("client", self._code)
        self._plan = {"folder": str(folder / "device"), "store": str(folder / "secrets.json"), "password": PASSWORD}
        self._plan |= {"url": url, "organization": organization, "login": login}

    @property
    def device_folder(self) -> Path:
        """Where it keeps its replica."""
        return Path(self._plan["folder"])

    def secrets(self) -> MemoryStore:
        """What its keyring holds, for the client of today on the same installation."""
        store = MemoryStore()
        for name, secret in json.loads(Path(self._plan["store"]).read_bytes()).items():
            service, _, rest = name.partition(" ")
            store.set(service, rest, bytes.fromhex(secret))
        return store

    def run(self, *steps: tuple[str, ...]) -> list[Any]:
        """Start it, let it do these steps, end it; give what each came to. See drive_client.py."""
        done = subprocess.run(
            [sys.executable, DRIVER],
            input=json.dumps({**self._plan, "steps": steps}),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
            cwd=self._code,
            env={**os.environ, "PYTHONPATH": str(self._code), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        assert Path(found["code"]).is_relative_to(self._code), "that was the code of today"
        answers: list[Any] = found["answers"]
        return answers
