"""The world that is measured: a durable PostgreSQL of its own, the real schema with its roles, and the real server.

The server runs as it ships, in a process of its own. The floor works in another database of the same cluster.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

import psycopg

from sync_server.application.organizations import Login, create_organization, create_person, set_passwords
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.authz.passwords import Passwords
from sync_server.config import ServerSettings
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.storage.embedded import Cluster, start
from sync_server.storage.engine import Database
from sync_server.storage.migrating import migrate
from tests.benchmarks.accounts import LOGIN, PASSWORD, SLUG
from tests.benchmarks.orders import MADE_AT, Holder, load_orders
from tests.support.free_port import free_port

ROOT = Path(__file__).resolve().parents[2]
SITE_ID = "00000000-0000-4000-8000-00000000b001"
TECHNICIAN_ID = "00000000-0000-4000-8000-00000000a001"
OURS, FLOORS = "ours", "floors"
START_S, STOP_S = 30.0, 30.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is measured. `assigned`: the orders keep the floor's states and get a row of assignment each.

    `open_orders`: that many of the assigned ones are the technician's day, the others were closed last month.
    """

    rows: int
    assigned: bool = False
    profile: bool = False
    open_orders: int | None = None


class World:
    """A context manager that makes everything and leaves nothing."""

    def __init__(self, wishes: Wishes, floor: ModuleType) -> None:
        self._wishes = wishes
        self._floor = floor
        self.folder = Path(tempfile.mkdtemp(prefix="cmms-benchmark-"))
        self._cluster: Cluster | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self.server_url = ""
        self.stages_file = self.folder / "server-stages.json"

    @property
    def cluster(self) -> Cluster:
        """The running cluster."""
        assert self._cluster is not None
        return self._cluster

    @property
    def floor_dsn(self) -> str:
        """Where the floor works."""
        return self.cluster.url(FLOORS)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything and delete the folder."""
        self.stop_server()
        if self._cluster is not None:
            self._cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def postgres_version(self) -> str:
        """Version of the cluster, such as 18.6."""
        with psycopg.connect(self.cluster.url()) as connection:
            return str(connection.info.parameter_status("server_version"))

    def database(self) -> Database:
        """Our database, as the server's own roles; a context manager."""
        settings = self._settings()
        return Database(self.cluster.url(OURS), settings.secret, allow_old_postgres=True)

    def statements(self) -> list[tuple[str, int, float]]:
        """The most expensive statements so far: text, calls, milliseconds. With `profile` only."""
        query = (
            "select regexp_replace(query, '\\s+', ' ', 'g'), calls, total_exec_time + total_plan_time"
            " from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = %s"
            " order by 3 desc limit 14"
        )
        with psycopg.connect(self.cluster.url()) as connection:
            return connection.execute(query.encode(), (OURS,)).fetchall()

    def buffers(self, role: str) -> int:
        """Buffers that the statements of a role have looked at so far. With `profile` only."""
        query = (
            "select coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint from pg_stat_statements s"
            " join pg_database d on d.oid = s.dbid join pg_roles r on r.oid = s.userid"
            " where d.datname = %s and r.rolname = %s and query not like '%%pg_stat_xact%%'"
        )
        with psycopg.connect(self.cluster.url()) as connection:
            found = connection.execute(query.encode(), (OURS, role)).fetchone()
        return int(found[0]) if found else 0

    @property
    def secret(self) -> bytes:
        """The server's."""
        return self._settings().secret

    @property
    def server_pid(self) -> int:
        """The server's process."""
        assert self._server is not None
        return self._server.pid

    def forget_statements(self) -> None:
        """Count statements from now on only."""
        with psycopg.connect(self.cluster.url()) as connection:
            connection.execute("select pg_stat_statements_reset()")

    def _start(self) -> None:
        self.folder.chmod(0o711)  # the unprivileged user that runs PostgreSQL for root passes through
        self._cluster = start(self.folder / "postgres", durable=True)
        if self._wishes.profile:
            count_statements(self._cluster)
        with psycopg.connect(self.cluster.url(), autocommit=True) as connection:
            connection.execute(f"create database {OURS}".encode())
            connection.execute(f"create database {FLOORS}".encode())
        self._fill()
        self._start_server()

    def _settings(self) -> ServerSettings:
        return ServerSettings.from_environment(self._environment())

    def _environment(self) -> dict[str, str]:
        return {
            "CMMS_DATABASE_URL": self.cluster.url(OURS),
            "CMMS_DATA": str(self.folder / "server"),
            "CMMS_ALLOW_OLD_POSTGRES": "1",
        }

    def _fill(self) -> None:
        settings, url = self._settings(), self.cluster.url(OURS)
        migrate(url, settings.secret)
        with Database(url, settings.secret, allow_old_postgres=True) as database:
            organization_id = create_organization(database, SLUG, "Benchmark")
            _make_site(database, organization_id)
            person = {"name": "Technician", "role": "technician", "person_id": TECHNICIAN_ID}
            create_person(database, organization_id, site_codes=["S"], **person)
            login = Login(person_id=TECHNICIAN_ID, login=LOGIN, password=PASSWORD)
            set_passwords(database, organization_id, logins=[login], passwords=Passwords())
            holder = Holder(organization_id, SITE_ID, TECHNICIAN_ID)
            load_orders(
                database,
                self._floor,
                holder,
                count=self._wishes.rows,
                assigned=self._wishes.assigned,
                open_orders=self._wishes.open_orders,
            )
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("analyze")  # as the floor does after its own loading
            connection.execute("checkpoint")

    def _start_server(self) -> None:
        port = free_port()
        module = "tests.benchmarks.timed_server" if self._wishes.profile else "sync_server"
        command = [sys.executable, "-m", module, "serve", "--host", "127.0.0.1", "--port", str(port)]
        environment = {**os.environ, **self._environment(), "CMMS_STAGES_FILE": str(self.stages_file)}
        with (self.folder / "server.log").open("wb") as log:
            self._server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self.server_url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_S
        while not _answers(f"{self.server_url}/readyz"):
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise RuntimeError("The server did not start: " + (self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.05)

    def stop_server(self) -> None:
        """Stop the server in good order; a second call does nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def count_statements(cluster: Cluster) -> None:
    """Let a cluster count its statements from now on; it is started again for that."""
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
        connection.execute("alter system set pg_stat_statements.track_planning = on")
    cluster.stop()
    cluster.start()
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("create extension pg_stat_statements")


def _make_site(database: Database, organization_id: str) -> None:
    values = {"id": SITE_ID, "aggregate_id": SITE_ID, "code": "S", "name": "Site", "time_zone": "UTC"}
    site = completed(REGISTRY["site"], {**values, "created_at": MADE_AT, "updated_at": MADE_AT})
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.put({("site", SITE_ID): site})
        work.finish()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
