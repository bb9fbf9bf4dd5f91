"""Starts a private PostgreSQL for demonstrations, tests and small installations.

`initdb` and `postgres` run as our children, listen on a Unix socket inside a 0700 folder and
nowhere else, and stop when this process ends in whatever way.

Never for production: whoever may enter the socket folder is trusted without a password.
"""

import atexit
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from sync_server.errors import EnvironmentFailure
from sync_server.storage import cluster_folder
from sync_server.storage.child_process import KeptChild, RunAs, may_run, run_as
from sync_server.storage.cluster_folder import POLL_S, SUPERUSER
from sync_server.storage.postgres_binaries import Binaries, choose_binaries, copied_out

SOCKET_PORT = 5432
"""Only names the socket file; no TCP port is opened."""
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0

_SETTINGS = {
    "listen_addresses": "",
    "port": str(SOCKET_PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",  # DETAIL would print the values of a violated key
    "jit": "off",  # only Debian's build has it; both ends should plan alike
}
_SAFE_SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "2GB", "checkpoint_timeout": "15min"}
"""What is worked on stays in memory, and a page is written to the log whole less often: that is most of what a push
writes just after a checkpoint."""
_UNSAFE_SETTINGS = {"fsync": "off", "full_page_writes": "off"}
"""Loses data when the machine goes down, not when the process does: synchronous_commit stays on, so that
fault tests may kill the server and still find every acknowledged commit."""


class Cluster:
    """A private PostgreSQL that this process started; a context manager that stops it.

    Attributes:
        folder: Absolute; its layout is told in `cluster_folder`.
        binaries: The programs in use.
    """

    def __init__(self, folder: Path, *, durable: bool, binaries: Binaries, user: RunAs) -> None:
        self.folder = folder
        self.binaries = binaries
        self._durable = durable
        self._user = user
        self._log = folder / "postgres.log"
        self._log_start_bytes = 0
        self._socket_folder: Path | None = None
        self._child: KeptChild | None = None
        self._made_by = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Process id of the postmaster, also after its end."""
        if self._child is None:
            raise EnvironmentFailure(f"The database in {self.folder} was never started.")
        return self._child.pid

    def is_running(self) -> bool:
        """Say whether the postmaster lives."""
        return self._child is not None and self._child.is_running()

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """Return a libpq URL; no password is needed on the private socket.

        The same before and after `kill` and `start`.

        Raises:
            EnvironmentFailure: The cluster has been stopped.
        """
        if self._socket_folder is None:
            raise EnvironmentFailure(f"The database in {self.folder} is not running.")
        host = quote(str(self._socket_folder), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}&port={SOCKET_PORT}"

    def start(self) -> None:
        """Start, also after `stop` or `kill`; recovers from a crash by itself.

        Raises:
            EnvironmentFailure: Another program uses the folder, or PostgreSQL would not start.
        """
        if self.is_running():
            return
        try:
            self._launch()
        except OSError as exc:
            raise EnvironmentFailure(f"PostgreSQL could not be started in {self.folder}: {exc.strerror}.") from exc
        atexit.register(self._stop_at_exit)
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop in good order: sessions are cut, everything is written; harmless when not running."""
        if self._child is not None and self._child.is_running():
            for severity in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if self._child.signal_and_wait(severity, timeout_s=STOP_TIMEOUT_S):
                    break
        atexit.unregister(self._stop_at_exit)
        if self._socket_folder is not None and self._socket_folder.parent != self.folder:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
        self._socket_folder = None

    def kill(self) -> None:
        """Stop at once without writing anything more; the next start recovers. For fault tests."""
        if self._child is not None and self._child.is_running():
            self._child.signal_and_wait(signal.SIGQUIT, timeout_s=STOP_TIMEOUT_S)

    def _launch(self) -> None:
        lock = cluster_folder.take_lock(self.folder)
        try:
            cluster_folder.remove_stale_pid_file(self.folder / "data")
            if self._socket_folder is None:
                self._socket_folder = cluster_folder.make_socket_folder(self.folder, self._user)
            with self._log.open("ab") as log:
                self._log_start_bytes = log.tell()
                self._child = KeptChild(self._command(), self._user, log=log, held_files=[lock])
        finally:
            os.close(lock)

    def _command(self) -> list[str | Path]:
        settings = _SETTINGS | (_SAFE_SETTINGS if self._durable else _UNSAFE_SETTINGS)
        settings["unix_socket_directories"] = str(self._socket_folder)
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self.binaries.folder / "postgres", "-D", self.folder / "data", *words]

    def _wait_until_ready(self) -> None:
        """Wait for the word PostgreSQL writes on the eighth line of its pid file, as pg_ctl does."""
        status = self.folder / "data" / "postmaster.pid"
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.is_running() and time.monotonic() < deadline:
            if cluster_folder.lines(status)[7:8] == ["ready"]:
                return
            time.sleep(POLL_S)
        self.stop()
        reason = cluster_folder.last_complaint(cluster_folder.lines(self._log, from_byte=self._log_start_bytes))
        raise EnvironmentFailure(f"PostgreSQL would not start in {self.folder}: {reason}")

    def _stop_at_exit(self) -> None:
        if os.getpid() == self._made_by:  # not in a forked child, whose parent still uses it
            self.stop()


def start(folder: Path, *, durable: bool = True, binaries: Path | None = None) -> Cluster:
    """Start the cluster in a folder, making it first when it is new (about 0.6 s when new).

    Args:
        folder: Made with mode 0700 when missing. When we are root, every folder above it must be
            open to the user `nobody`.
        durable: False switches fsync off: faster; outlives a kill but not a power cut. For tests only.
        binaries: A `bin` folder to use instead of the wheel's or the system's.

    Raises:
        EnvironmentFailure: No programs, no permission, the folder in use, or another version's data.
    """
    if sys.platform == "win32":
        raise EnvironmentFailure("The embedded database needs Linux or macOS; set CMMS_DATABASE_URL instead.")
    folder = folder.absolute()
    try:
        cluster = _prepared(folder, durable=durable, binaries=binaries)
    except OSError as exc:
        raise EnvironmentFailure(f"The folder {folder} cannot be used: {exc.strerror}.") from exc
    try:
        cluster.start()
    except BaseException:  # a signal that ends us, too: who cleans up behind us must find nothing running
        cluster.stop()
        raise
    return cluster


def _prepared(folder: Path, *, durable: bool, binaries: Path | None) -> Cluster:
    data = folder / "data"
    made_by = cluster_folder.made_by_major(data)
    user = run_as(data)
    programs = choose_binaries(binaries, major=made_by)
    if not may_run(programs.folder / "postgres", user):
        programs = copied_out(programs)
    if made_by is None:
        cluster_folder.prepare(folder, programs, user, durable=durable)
    return Cluster(folder, durable=durable, binaries=programs, user=user)
