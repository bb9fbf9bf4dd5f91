"""The world under load: PostgreSQL, PgBouncer in transaction mode, the real server, and organizations full of devices.

Everything that serves runs on the cores that are left to it; devices are rows and keys, enrolled without a password.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psycopg
from psycopg.conninfo import make_conninfo

from sync_server.app import make_services
from sync_server.authz.tokens import Access, AccessTokens
from sync_server.config import ServerSettings
from sync_server.contract.fields import Row
from sync_server.storage.embedded import Cluster, start
from sync_server.storage.migrating import migrate
from sync_server.storage.roles import role_password
from tests.benchmarks.load_costs import Processes, children_of, cpu_s
from tests.benchmarks.world import ROOT, START_S, STOP_S, _answers, count_statements
from tests.support.device_side import Client, Device
from tests.support.free_port import free_port
from tests.support.pgbouncer import STATS_USER, a_pgbouncer
from tests.support.server_side import Organization, Server

DATABASE = "load"
TOGETHER = 6
"""Devices of one person: each edits an order of its own, so that each pulls what the five others changed."""
POOL, MOST = 14, 46
"""Connections of PgBouncer to PostgreSQL: for each role, and in all."""
ADD_DEVICE = (
    "insert into device (organization_id, id, person_id, name, public_key, app_version, enrolled_at)"
    " values (%s, %s, %s, 'Tablet', %s, '0.1', now())"
)
ADD_SCOPE = "insert into device_scope (organization_id, device_id, scope_id, granted_seq) values (%s, %s, %s, 0)"


@dataclass(slots=True)
class Worker:
    """An active device, and the order that it edits."""

    client: Client
    order: Row


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is put together otherwise, to find out what costs. Figures are those without any of it."""

    direct: bool = False
    """The server reaches PostgreSQL without PgBouncer, and prepares its statements."""
    statements: bool = False
    """PostgreSQL counts statements, which costs a little itself."""
    module: str = "sync_server"
    """What is run as the server."""


class LoadWorld:
    """A context manager that makes everything and leaves nothing."""

    def __init__(self, *, idle: int, active: int, organizations: int, wishes: Wishes = Wishes()) -> None:
        """Say how many devices there are, and over how many organizations they are spread."""
        self._idle, self._active, self._organizations, self._wishes = idle, active, organizations, wishes
        self.folder = Path(tempfile.mkdtemp(prefix="cmms-load-"))
        self._cluster: Cluster | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._bouncer_url: str | None = None
        self._http = httpx.Client(timeout=120.0)
        self.url = ""
        self.workers: list[Worker] = []
        self._ears: list[Client] = []
        self.listeners: list[dict[str, str]] = []
        """Headers of the streams that listen."""

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop_server()
        if hasattr(self, "_bouncer"):
            self._bouncer.__exit__(None, None, None)
        if self._cluster is not None:
            self._cluster.stop()
        self._http.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def owner_url(self) -> str:
        """The database past PgBouncer and all roles."""
        assert self._cluster is not None
        return self._cluster.url(DATABASE)

    def postgres_version(self) -> str:
        """Version of the cluster."""
        with psycopg.connect(self.owner_url) as connection:
            return str(connection.info.parameter_status("server_version"))

    def connections(self) -> int:
        """Connections of the server to PostgreSQL, through PgBouncer."""
        query = r"select count(*) from pg_stat_activity where datname = current_database() and usename like 'cmms\_%'"
        with psycopg.connect(self.owner_url) as connection:
            (count,) = connection.execute(query.encode()).fetchone() or (0,)
            return int(count)

    def server_bytes(self) -> int:
        """Resident memory of the server."""
        assert self._process is not None
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def server_cpu_s(self) -> float:
        """Processor time of the server so far."""
        assert self._process is not None
        return cpu_s(self._process.pid)

    def processes(self) -> Processes:
        """Who serves, to be asked what it costs."""
        assert self._process is not None
        assert self._cluster is not None
        pooler_url = None
        if self._bouncer_url is not None:
            password = role_password(self._settings(self.owner_url).secret, "app_sync")
            pooler_url = make_conninfo(self._bouncer_url, dbname="pgbouncer", user=STATS_USER, password=password)
        return Processes(
            server=self._process.pid,
            postmaster=self._cluster.pid,
            pooler=next((pid for pid in children_of(os.getpid()) if _name_of(pid) == "pgbouncer"), None),
            pooler_url=pooler_url,
            statements_url=self._cluster.url() if self._wishes.statements else None,
        )

    def _start(self) -> None:
        self.folder.chmod(0o711)
        self._cluster = start(self.folder / "postgres", durable=True)
        if self._wishes.statements:
            count_statements(self._cluster)
        with psycopg.connect(self._cluster.url(), autocommit=True) as connection:
            connection.execute(f"create database {DATABASE}".encode())
        settings = self._settings(self.owner_url)
        migrate(self.owner_url, settings.secret)
        if not self._wishes.direct:
            self._bouncer = a_pgbouncer(self.owner_url, settings.secret, pool=POOL, most=MOST)
            self._bouncer_url = self._bouncer.__enter__()
        self._start_server(self._bouncer_url or self.owner_url)
        self._fill(settings)

    def _environment(self, database_url: str) -> dict[str, str]:
        return {
            "CMMS_DATABASE_URL": database_url,
            "CMMS_DATA": str(self.folder / "server"),
            "CMMS_ALLOW_OLD_POSTGRES": "1",
            "CMMS_PGBOUNCER": "0" if self._wishes.direct else "1",
        }

    def _settings(self, database_url: str) -> ServerSettings:
        return ServerSettings.from_environment(self._environment(database_url))

    def _start_server(self, database_url: str) -> None:
        port = free_port()
        command = [sys.executable, "-m", self._wishes.module, "serve", "--host", "127.0.0.1", "--port", str(port)]
        environment = {**os.environ, **self._environment(database_url)}
        with (self.folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_S
        while not _answers(f"{self.url}/readyz"):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("The server did not start: " + (self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.05)

    def _stop_server(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _fill(self, settings: ServerSettings) -> None:
        services = make_services(settings, self.owner_url, cheap_passwords=True)
        tokens = AccessTokens(settings.derive("access-token"))
        with services.database:
            server = Server(self.url, self.owner_url, services, self._http)
            persons = -(-self._active // TOGETHER)
            for number in range(self._organizations):
                organization = server.organization(f"load-{number}")
                site = organization.site()
                for _ in range(_share(persons, self._organizations, number)):
                    self._hire(organization, site, tokens)
                self._listen(organization, site, _share(self._idle, self._organizations, number))
        self.workers = self.workers[: self._active]

    def _hire(self, organization: Organization, site: Row, tokens: AccessTokens) -> None:
        """A person with some devices that work, each of which has synced."""
        person = organization.person("technician", site)
        for _ in range(TOGETHER):
            order = organization.order(site, person)
            client = Client(self.url, organization.slug, str(person["id"]), self._http, Device())
            organization.ask(ADD_DEVICE, organization.id, client.device.id, person["id"], client.device.public_key)
            access = Access(organization.id, str(person["id"]), client.device.id)
            token, _ = tokens.issue(access, at=datetime.now(UTC))
            client.session = {"access_token": token, "access": access, "person_id": str(person["id"])}
            client.hello()
            client.sync()
            self.workers.append(Worker(client, order))

    def renew(self) -> None:
        """Give every device a new token: making so many of them may take longer than a token lives."""
        tokens = AccessTokens(self._settings(self.owner_url).derive("access-token"))
        now = datetime.now(UTC)
        for client in (*(worker.client for worker in self.workers), *self._ears):
            client.session["access_token"] = tokens.issue(client.session["access"], at=now)[0]
        self.listeners = [client.credentials() for client in self._ears]

    def _listen(self, organization: Organization, site: Row, count: int) -> None:
        """Devices that only listen, of somebody for whom nothing changes."""
        if not count:
            return
        person = organization.person("technician", site)
        devices = [Device() for _ in range(count)]
        with psycopg.connect(self.owner_url) as connection, connection.cursor() as cursor:
            rows = [(organization.id, each.id, person["id"], each.public_key) for each in devices]
            cursor.executemany(ADD_DEVICE, rows)
            cursor.executemany(ADD_SCOPE, [(organization.id, each.id, f"user:{person['id']}") for each in devices])
        for each in devices:
            access = Access(organization.id, str(person["id"]), each.id)
            client = Client(self.url, organization.slug, "", self._http, each)
            client.session = {"access": access}
            self._ears.append(client)


def _name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:  # it has ended meanwhile
        return ""


def _share(total: int, parts: int, number: int) -> int:
    """Spread a total over parts as evenly as can be."""
    return total * (number + 1) // parts - total * number // parts
