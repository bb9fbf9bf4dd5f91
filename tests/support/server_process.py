"""The server in a process of its own, always at the same address, to be killed by SIGKILL and started again.

For a fleet it is a `StoppableServer`: the office of a test works in the same database from outside.
"""

import multiprocessing
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from sync_server.app import make_app, make_services
from sync_server.cli.serving import make_server
from sync_server.config import ServerSettings
from sync_server.http.logs import RequestLog
from tests.support.kill_points import KillPoint, MortalApp, arm_server
from tests.support.postgres import TEST_SECRET, Clusters
from tests.support.server_side import TIMEOUT_S, services_for
from tests.support.stoppable_server import HOST, StoppableServer

PATIENCE_S = 60.0


@dataclass(frozen=True)
class ServerPlan:
    """What a server's process is told. `point`: where it dies by itself, counted from when it serves."""

    owner_url: str
    data_folder: Path
    port: int
    point: KillPoint | None


def run_server(plan: ServerPlan, told: Connection) -> None:
    """Serve until killed, or told to stop by SIGTERM."""
    settings = ServerSettings(
        database_url=plan.owner_url, secret=TEST_SECRET, data_folder=plan.data_folder, allow_old_postgres=True
    )
    services = make_services(settings, plan.owner_url, cheap_passwords=True)
    app: Any = make_app(services)
    if plan.point is not None:
        app = MortalApp(app, plan.point)

    def announce() -> None:
        if plan.point is not None:
            arm_server(plan.point)
        told.send("ready")

    with _at(plan.port) as taken:
        taken.listen(256)
        make_server(RequestLog(app), announce, end_streams=services.pokes.close).run(sockets=[taken])


def _at(port: int) -> socket.socket:
    """Take an address that others of this test hold too; as long as nobody listens, whoever calls is refused."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    taken.bind((HOST, port))
    return taken


class ServerProcess(StoppableServer):
    """A server that is killed rather than stopped."""

    def __init__(self, *, owner_url: str, data_folder: Path, http: httpx.Client) -> None:
        """Use a migrated database; `owner_url` reaches it as superuser."""
        super().__init__(services_for(owner_url, data_folder), owner_url, http)
        self._data_folder = data_folder
        self._kept = _at(0)
        self._port = self._kept.getsockname()[1]
        self._process: Any = None

    def start(self, point: KillPoint | None = None) -> None:
        """Serve in a new process, which dies at `point` by itself; one that serves already goes on."""
        if self.is_running:
            return
        self._forget()
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.support.client_process", __name__])
        ours, theirs = context.Pipe(duplex=False)
        plan = ServerPlan(self._owner_url, self._data_folder, self._port, point)
        self._process = context.Process(target=run_server, args=(plan, theirs), daemon=True)
        self._process.start()
        theirs.close()
        with ours:
            assert ours.poll(PATIENCE_S), "the server did not start"
            assert ours.recv() == "ready"

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.is_alive()

    def shoot(self) -> None:
        """Send SIGKILL, from whatever thread; harmless when it is dead already."""
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it by SIGKILL, if it has not died by itself, and see that it died of that."""
        self.shoot()
        self._process.join(PATIENCE_S)
        assert self._process.exitcode == -signal.SIGKILL, f"the server had ended by itself: {self._process.exitcode}"
        self._forget()

    def stop(self) -> None:
        """Let requests under way end. A stopped server stays stopped."""
        if self.is_running:
            self._process.terminate()
            self._process.join(PATIENCE_S)
            assert self._process.exitcode is not None, "the server did not stop"
        self._forget()

    def close(self) -> None:
        """Stop, and give its address away."""
        self.stop()
        self._kept.close()

    def _forget(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None


@contextmanager
def a_server_process(clusters: Clusters, postgres_end: str) -> Iterator[ServerProcess]:
    """A started server over a database of its own, both gone at the end."""
    name = clusters.new_database(postgres_end, migrated=True)
    owner_url = clusters.get(postgres_end).url(name)
    with ExitStack() as ended:
        ended.callback(clusters.drop, postgres_end, name)
        folder = Path(ended.enter_context(tempfile.TemporaryDirectory(prefix="cmms-test-")))
        http = ended.enter_context(httpx.Client(timeout=TIMEOUT_S))
        server = ServerProcess(owner_url=owner_url, data_folder=folder, http=http)
        ended.callback(server.server.database.close)
        ended.callback(server.close)
        server.start()
        yield server
