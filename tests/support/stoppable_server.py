"""The server's application on one port of this machine, inside this process: it can be stopped and started again.

While it is stopped nothing listens on the port, as if the network were gone. Its database stays, and the office of a
test goes on working in it.
"""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import uvicorn

from sync_server.app import make_app
from sync_server.http.services import Services
from tests.support.postgres import Clusters
from tests.support.server_side import STOP_S, TIMEOUT_S, Server, services_for

HOST = "127.0.0.1"


class StoppableServer:
    """A server that listens from `start` to `stop`, always at the same address."""

    def __init__(self, services: Services, owner_url: str, http: httpx.Client) -> None:
        """Use a migrated database; `owner_url` reaches it as superuser."""
        self._services = services
        self._owner_url = owner_url
        self._http = http
        self._port = 0
        self._running: tuple[uvicorn.Server, Thread] | None = None

    @property
    def url(self) -> str:
        """Where it listens, when it does."""
        return f"http://{HOST}:{self._port}"

    @property
    def server(self) -> Server:
        """The server as tests of the server know it."""
        return Server(self.url, self._owner_url, self._services, self._http)

    def serve_from(self, owner_url: str, services: Services) -> None:
        """Use another database from the next start on; who made the services closes them."""
        self._owner_url, self._services = owner_url, services

    def start(self) -> None:
        """Listen. A server that listens already goes on."""
        if self._running is not None:
            return
        taken = socket.create_server((HOST, self._port), backlog=256)
        self._port = taken.getsockname()[1]
        config = uvicorn.Config(
            make_app(self._services),  # type: ignore[arg-type, unused-ignore] # two spellings of one protocol
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
        )
        running = uvicorn.Server(config)
        thread = Thread(target=running.run, kwargs={"sockets": [taken]}, daemon=True, name="server")
        thread.start()
        self._running = running, thread

    def stop(self) -> None:
        """Let requests under way end, then listen no more. A stopped server stays stopped."""
        if self._running is None:
            return
        running, thread = self._running
        self._running = None
        self._services.pokes.close()
        running.should_exit = True
        thread.join(STOP_S)
        assert not thread.is_alive(), "the server did not stop"


@contextmanager
def a_stoppable_server(clusters: Clusters, postgres_end: str) -> Iterator[StoppableServer]:
    """A started server over a database of its own, both gone at the end."""
    name = clusters.new_database(postgres_end, migrated=True)
    owner_url = clusters.get(postgres_end).url(name)
    try:
        with tempfile.TemporaryDirectory(prefix="cmms-test-") as folder:
            services = services_for(owner_url, Path(folder))
            with services.database, httpx.Client(timeout=TIMEOUT_S) as http:
                stoppable = StoppableServer(services, owner_url, http)
                stoppable.start()
                try:
                    yield stoppable
                finally:
                    stoppable.stop()
    finally:
        clusters.drop(postgres_end, name)
