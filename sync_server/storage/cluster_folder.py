"""The folder of an embedded PostgreSQL: making it, locking it, reading what PostgreSQL left there.

    data/          PostgreSQL's own; appears complete or not at all
    socket/        0700; replaced by a short temporary folder when its path is too long
    postgres.log   what PostgreSQL says; never bind parameters nor key values
    lock           held by every process of the cluster, so it frees when the last one is gone

Never starts the server itself.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sync_server.errors import EnvironmentFailure
from sync_server.storage.child_process import UNPRIVILEGED_USER, RunAs, run_to_end
from sync_server.storage.postgres_binaries import Binaries

SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT_BYTES = 100
"""sun_path holds 108 bytes on Linux and 104 on macOS, with the final zero."""
PREPARE_TIMEOUT_S = 120.0
LOCK_TIMEOUT_S = 30.0
POLL_S = 0.005
LEAST_MAJOR_WITH_BUILTIN_LOCALE = 17


def prepare(folder: Path, binaries: Binaries, user: RunAs, *, durable: bool) -> None:
    """Make the folder and an empty database cluster in it (about 0.5 s).

    Args:
        folder: Absolute; made with mode 0700 when missing.
        binaries: Programs to make it with.
        user: Owner of the result.
        durable: Whether to wait until it is on the disk.

    Raises:
        EnvironmentFailure: No permission, no space, or initdb refused.
    """
    making, data = folder / "data.making", folder / "data"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        hand_over(folder, user)
        shutil.rmtree(making, ignore_errors=True)
        done = run_to_end(_initdb(binaries, making, durable=durable), user, timeout_s=PREPARE_TIMEOUT_S)
        if done.returncode == 0:
            making.rename(data)
            return
        complaint = last_complaint(done.stdout.splitlines())
    except OSError as exc:
        complaint = f"{exc.strerror}."
    except subprocess.TimeoutExpired:
        complaint = f"it took longer than {PREPARE_TIMEOUT_S:.0f} s."
    advice = f" Every folder above it must be open to the user {UNPRIVILEGED_USER}." if user.changes else ""
    raise EnvironmentFailure(f"A database could not be made in {folder}: {complaint}{advice}")


def hand_over(path: Path, user: RunAs) -> None:
    """Give a file or folder to the user that runs PostgreSQL, when that is not us."""
    if user.changes:
        os.chown(path, user.uid, user.gid)


def make_socket_folder(folder: Path, user: RunAs) -> Path:
    """Make the private folder of the socket.

    Inside `folder`; or temporary when that path is too long, or has a comma, at which libpq splits.
    """
    inside = folder / "socket"
    if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_PATH_LIMIT_BYTES and "," not in str(inside):
        inside.mkdir(mode=0o700, exist_ok=True)
        inside.chmod(0o700)
        chosen = inside
    else:
        chosen = Path(tempfile.mkdtemp(prefix="cmms-", dir="/tmp"))  # not $TMPDIR, which may be long as well
    hand_over(chosen, user)
    return chosen


def take_lock(folder: Path) -> int:
    """Return a descriptor that holds the folder's lock; waits for a predecessor that still stops.

    Whoever inherits the descriptor holds the lock too, until all of them have closed it.

    Raises:
        EnvironmentFailure: Another program keeps the lock for 30 s.
        OSError: The lock file cannot be opened.
    """
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError as exc:
            if time.monotonic() > deadline:
                os.close(lock)
                raise EnvironmentFailure(f"Another program is using the database in {folder}.") from exc
        time.sleep(POLL_S)


def remove_stale_pid_file(data: Path) -> None:
    """Remove the pid file of a postmaster that was killed; call it while holding the lock.

    PostgreSQL itself takes any living process with that number for its predecessor, and numbers
    come round quickly in containers. A server started by other means has `data` as its working
    directory; without /proc the decision is left to PostgreSQL.

    Raises:
        EnvironmentFailure: A server started by other means runs on this folder.
    """
    pid_file = data / "postmaster.pid"
    first = lines(pid_file)[:1]
    if not first or not Path("/proc/self").exists():
        return
    if first[0].isdigit() and _works_in(int(first[0]), data):
        raise EnvironmentFailure(f"A PostgreSQL server started by other means is using {data}.")
    pid_file.unlink()


def made_by_major(data: Path) -> int | None:
    """Return the major version an existing data folder belongs to; None when there is none."""
    version = lines(data / "PG_VERSION")
    return int(version[0]) if version else None


def lines(path: Path, *, from_byte: int = 0) -> list[str]:
    """Return a text file's lines without outer spaces; none when it is missing."""
    try:
        text = path.read_bytes()[from_byte:].decode(errors="replace")
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines()]


def last_complaint(said: Sequence[str]) -> str:
    """Pick the sentence that explains a failure out of PostgreSQL's output, without time and process."""
    marked = [found[1] for line in said if (found := re.search(r"\b(?:FATAL|PANIC|ERROR|error): +(.+)", line))]
    return (marked or [line for line in said if line] or ["it said nothing"])[-1].rstrip(".") + "."


def _initdb(binaries: Binaries, data: Path, *, durable: bool) -> list[str | Path]:
    """Compose initdb's command line.

    The builtin locale (PostgreSQL 17 on) sorts by code point on every machine, so an index never
    breaks under an update of the C library.
    """
    words: list[str | Path] = [binaries.folder / "initdb", "-D", data, "-U", SUPERUSER, "-E", "UTF8"]
    words += ["--auth-local=trust", "--auth-host=reject", "--no-instructions", "--data-checksums"]
    words += ["--locale", "C.UTF-8" if sys.platform == "linux" else "C"]
    if binaries.major >= LEAST_MAJOR_WITH_BUILTIN_LOCALE:
        words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return words if durable else [*words, "--no-sync"]


def _works_in(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
    except OSError:
        return False
