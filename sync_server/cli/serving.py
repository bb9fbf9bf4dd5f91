"""Runs the server in this process until it is told to stop."""

import gc
import logging
import signal
import socket
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from types import FrameType

import uvicorn

from sync_server.app import make_app, make_services
from sync_server.cli.databases import ready_database
from sync_server.config import ServerSettings
from sync_server.errors import EnvironmentFailure
from sync_server.http.logs import RequestLog, configure_logs

KEEP_ALIVE_S = 75
"""Longer than a device's 60 s between two polls, so that it finds its connection open."""
GRACE_S = 20
"""How long requests under way may still take after the order to stop."""
BACKLOG = 2048
GARBAGE_AFTER = 100_000
"""Objects made and not yet freed after which cycles are looked for; a push of 500 changes makes about half as many."""


class AnnouncingServer(uvicorn.Server):
    """A server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce
        self._end_streams = end_streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams that would not end by themselves, then wait for requests under way."""
        self._end_streams()
        await super().shutdown(sockets)

    def stop(self) -> None:
        """Stop soon, in good order; from any thread."""
        self.should_exit = True


def stop_on_signals() -> None:
    """Let SIGTERM and SIGINT end the process in good order at any time, with exit code 0.

    While requests are served uvicorn has its own handlers; afterwards it raises the signal again for ours.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def serve(settings: ServerSettings) -> None:
    """Serve until told to stop; the process is the server's own.

    Raises:
        EnvironmentFailure: The address or the database cannot be used.
    """
    stop_on_signals()
    configure_logs()
    with ready_database(settings) as (_, url), listening(settings.host, settings.port) as taken:
        services = make_services(settings, url)
        app = RequestLog(make_app(services, with_nights=True))
        configure_logs()  # again: Litestar has put its own in place
        address = address_of(taken)
        log = logging.getLogger(__name__)
        announce = partial(log.info, "serving on %s", address)
        look_for_garbage_rarely()
        make_server(app, announce, end_streams=services.pokes.close).run(sockets=[taken])


def look_for_garbage_rarely() -> None:
    """Leave what this process begins with out of every later search for cycles, and search less often (D-133).

    Rows and changes are in no cycles: counting references frees them. The interpreter looked through all of them, and
    often through everything that was imported, a dozen times in a push.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)


def listening(host: str, port: int) -> socket.socket:
    """Take an address; port 0 lets the system choose. Raises EnvironmentFailure."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as exc:
        reason = getattr(exc, "strerror", None) or "no such address"
        raise EnvironmentFailure(f"The server cannot listen on {host} port {port}: {reason}.") from exc


def address_of(taken: socket.socket) -> str:
    """URL of a listening socket."""
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def make_server(app: RequestLog, announce: Callable[[], None], *, end_streams: Callable[[], None]) -> AnnouncingServer:
    """Put a server round an application: the C parser and loop where they are installed, no name of ours in headers."""
    config = uvicorn.Config(
        app,
        http="httptools" if find_spec("httptools") else "h11",
        loop="uvloop" if find_spec("uvloop") else "asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    return AnnouncingServer(config, announce, end_streams)
