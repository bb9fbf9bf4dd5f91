"""Runs PostgreSQL's programs as children that hold no privilege and do not outlive this process.

PostgreSQL refuses to run as root, so root's children run as another, existing user. Nothing here
knows about databases.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

UNPRIVILEGED_USER = "nobody"


@dataclass(frozen=True)
class RunAs:
    """The user a child runs as.

    Attributes:
        uid: Numeric user id; never 0.
        gid: Numeric group id.
        changes: Whether that is another user than ours (only possible when we are root).
    """

    uid: int
    gid: int
    changes: bool


def run_as(existing: Path) -> RunAs:
    """Say which user may run programs on a folder.

    Ourselves, unless we are root: then the owner of the existing folder, else `nobody`.

    Args:
        existing: A data folder, which need not be there yet.

    Raises:
        KeyError: This machine has no user `nobody`.
    """
    if os.geteuid() != 0:
        return RunAs(os.geteuid(), os.getegid(), changes=False)
    if existing.exists() and existing.stat().st_uid != 0:
        return RunAs(existing.stat().st_uid, existing.stat().st_gid, changes=True)
    nobody = pwd.getpwnam(UNPRIVILEGED_USER)
    return RunAs(nobody.pw_uid, nobody.pw_gid, changes=True)


def run_to_end(command: Sequence[str | Path], user: RunAs, *, timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return its exit code with both outputs in `stdout`.

    Raises:
        OSError: The program cannot be started by that user.
        subprocess.TimeoutExpired: It took longer than `timeout_s`; it has been killed.
    """
    return subprocess.run(
        [*_prefix(signal.SIGKILL), *command],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout_s,
        env=_environment(),
        cwd="/",
        user=user.uid if user.changes else None,
        group=user.gid if user.changes else None,
        extra_groups=[] if user.changes else None,
    )


def _environment() -> dict[str, str]:
    """What a child needs and no more: PGDATA, PGPORT and their kin must not leak in."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


@cache
def _prefix(at_our_death: signal.Signals) -> tuple[str, ...]:
    """Command words that have the kernel send a signal to the child when its parent thread ends.

    Empty where `setpriv` (util-linux) cannot do that; there only an orderly exit stops children.
    """
    words = (shutil.which("setpriv") or "", "--pdeathsig", at_our_death.name.removeprefix("SIG"), "--")
    if sys.platform != "linux" or not words[0]:
        return ()
    works = subprocess.run([*words, "true"], capture_output=True, timeout=30, check=False).returncode == 0
    return words if works else ()


def may_run(program: Path, user: RunAs) -> bool:
    """Say whether that user may start that program, by asking for its version (about 2 ms)."""
    try:
        return not user.changes or run_to_end([program, "--version"], user, timeout_s=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class KeptChild:
    """A long-running child started from a thread that lives as long as the child does.

    Linux sends the parent-death signal when the *thread* that forked ends, not the process
    (prctl(2), PR_SET_PDEATHSIG); a child started from a short-lived thread would die with it.
    """

    def __init__(
        self, command: Sequence[str | Path], user: RunAs, *, log: IO[bytes], held_files: Sequence[int]
    ) -> None:
        """Start the child; it gets SIGINT when this process dies, in whatever way.

        Args:
            command: The program and its arguments.
            user: The user it runs as.
            log: Open file that takes both of its outputs.
            held_files: Descriptors the child inherits and keeps open.

        Raises:
            OSError: The program cannot be started by that user.
        """
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._arguments = ([*_prefix(signal.SIGINT), *command], user, log, tuple(held_files))
        self._thread = threading.Thread(target=self._keep, name="postgres-keeper", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def pid(self) -> int:
        """Process id, also after the end."""
        return self._child.pid

    def is_running(self) -> bool:
        """Say whether the child has not ended yet."""
        return self._child.poll() is None

    def signal_and_wait(self, number: signal.Signals, *, timeout_s: float) -> bool:
        """Send a signal and say whether the child ended within `timeout_s`."""
        self._child.send_signal(number)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def _child(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _keep(self) -> None:
        command, user, log, held_files = self._arguments
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(),
                cwd="/",
                pass_fds=held_files,
                start_new_session=True,  # Ctrl-C in a terminal must reach us first, not PostgreSQL
                user=user.uid if user.changes else None,
                group=user.gid if user.changes else None,
                extra_groups=[] if user.changes else None,
            )
        except OSError as exc:
            self._failure = exc
        finally:
            self._started.set()
        if self._process is not None:
            self._process.wait()
