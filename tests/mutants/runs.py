"""Commands that end with us: each leads a session of its own, so that whatever it has started ends with it."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path


class ClosedError(Exception):
    """Nothing is started any more."""


class Runs:
    """The commands that run at the moment. Threads may share it."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._is_closed = False

    def run(
        self, command: Sequence[str], *, folder: Path, env: Mapping[str, str], limit_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Run one to its end and keep what it said.

        Raises:
            subprocess.TimeoutExpired: it had not ended within the limit.
            ClosedError: nothing is started any more.
        """
        with self._starting:
            if self._is_closed:
                raise ClosedError
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            self._running.add(process)
        with process:
            try:
                said, complained = process.communicate(timeout=limit_s)
            finally:
                _end(process)
                with self._starting:
                    self._running.discard(process)
        return subprocess.CompletedProcess(command, process.returncode, said, complained)

    def close(self) -> None:
        """End what runs, and start nothing more."""
        with self._starting:
            self._is_closed = True
            for process in self._running:
                _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # PostgreSQL has a session of its own and ends by itself then
