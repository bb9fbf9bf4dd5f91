"""The demonstration's server: a process of its own that can be stopped and started again, like a lost network."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cmms_desktop.errors import ServerUnreachable

NOT_STARTED = "The demonstration's server did not start."
STOP_S = 20.0
"""How long the server may take to stop before it is killed."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of the seeded organization."""

    login: str
    password: str
    role: str
    person_id: str


class DemoServer:
    """`python -m sync_server demo-server` in a folder, always on the same port."""

    def __init__(
        self, folder: Path, *, organizations: Sequence[Mapping[str, Any]] | None = None, held: Sequence[int] = ()
    ) -> None:
        """Choose folder and port; `start` runs it.

        Args:
            folder: The server's data.
            organizations: What the seed said when the folder was made; None: it is made at the first start.
            held: Descriptors, such as of a lock, that the process keeps open until it has ended altogether.
        """
        self._folder = folder
        self._port = _free_port()
        self._held = tuple(held)
        self._process: subprocess.Popen[str] | None = None
        self.ready: dict[str, Any] = {} if organizations is None else {"organizations": list(organizations)}

    @property
    def port(self) -> int:
        """Port of this machine on which it listens."""
        return self._port

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def organization(self) -> dict[str, Any]:
        """What the seed says of the first organization."""
        found: dict[str, Any] = self.ready["organizations"][0]
        return found

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which the server's own commands find its database and secret."""
        return {**os.environ, "CMMS_DATABASE_URL": str(self.ready["database_url"]), "CMMS_DATA": str(self._folder)}

    def account(self, login: str) -> Account:
        """Give a seeded person by login."""
        found = next(person for person in self.organization["people"] if person["login"] == login)
        return Account(found["login"], found["password"], found["role"], found["person_id"])

    def start(self) -> None:
        """Start and wait until it serves; the first time it makes and seeds its database.

        Raises:
            ServerUnreachable: it did not come up; its own words are on standard error.
        """
        command = [sys.executable, "-m", "sync_server", "demo-server", "--data", str(self._folder), "--json"]
        command += ["--port", str(self._port), *(["--no-seed"] if self.ready else [])]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=self._held
            )
        except OSError as error:
            raise ServerUnreachable(f"{NOT_STARTED} ({error.strerror})") from error
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise ServerUnreachable(f"{NOT_STARTED} The lines above say why.")
        self.ready = {**json.loads(line), **({"organizations": self.ready["organizations"]} if self.ready else {})}

    def stop(self) -> None:
        """Stop it; nothing answers on its port any more. Stopping twice is fine."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
