"""The demonstration's folder: what lies where, that only one demonstration uses it, and how it is emptied.

lock, server.lock   held while it is in use; the second one as long as the server has not ended altogether
organizations.json  who may sign in, with passwords (0600); there from the first complete start on
server/             the server's database and secret
client/             replicas, keys and preferences, as a real installation has them
secrets.json        stands in for the operating system's keyring; see secrets_file.py
receiver.nmea       what the demonstration's receiver said last
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cmms_desktop.config import default_data_folder
from cmms_desktop.errors import EnvironmentFailure, Refused

NAME: Final = "cmms-field-demo"
OPEN_TO_ALL: Final = Path("/var/lib") / NAME
"""For root, whose PostgreSQL runs as somebody who may not enter root's own folders."""
PASSABLE: Final = 0o711
SERVER_ENDS_S: Final = 30.0
POLL_S: Final = 0.05
ALREADY_OPEN: Final = "The demonstration is open in another window already."


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """A folder that this process holds; see `held_folder`. `server_lock` is for the server to inherit."""

    root: Path
    server_lock: int

    @property
    def server(self) -> Path:
        return self.root / "server"

    @property
    def client(self) -> Path:
        return self.root / "client"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def receiver(self) -> Path:
        return self.root / "receiver.nmea"

    def organizations(self) -> list[dict[str, Any]] | None:
        """Give what the seed said; None: there is no complete demonstration in this folder yet."""
        try:
            found: list[dict[str, Any]] = json.loads(self._organizations.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return found

    def keep_organizations(self, told: Sequence[Mapping[str, Any]]) -> None:
        """Remember what the seed said: from now on the demonstration is complete."""
        write_private(self._organizations, json.dumps(told).encode())

    @property
    def _organizations(self) -> Path:
        return self.root / "organizations.json"


def default_folder(environment: Mapping[str, str], *, home: Path, is_root: bool) -> Path:
    """Give the folder of a demonstration for which none was named: among the person's application data."""
    chosen = default_data_folder(environment, home=home).with_name(NAME)
    return OPEN_TO_ALL if is_root and not _lets_everybody_through(chosen) else chosen


@contextmanager
def held_folder(root: Path, *, is_fresh: bool) -> Iterator[DemoFolder]:
    """Hold a demonstration's folder, made or emptied first if need be.

    Raises:
        Refused: another demonstration holds it, or it holds something that is not ours.
        EnvironmentFailure: it cannot be written, or a server that should have ended has not.
    """
    root = root.absolute()
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(root / "lock", ALREADY_OPEN), _locked(root / "server.lock", None) as server_lock:
            if is_fresh or not (root / "organizations.json").exists():
                _empty(root)
            if os.geteuid() == 0:
                root.chmod(PASSABLE)  # for the unprivileged user of PostgreSQL: through, not into
            yield DemoFolder(root, server_lock)
    except OSError as error:
        raise EnvironmentFailure(
            f"The folder {root} cannot be used: {error.strerror}. Choose another one with --data."
        ) from error


def write_private(path: Path, content: bytes) -> None:
    """Replace a file that only this account can read, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


OURS: Final = frozenset({"server", "client", "secrets.json", "receiver.nmea", "organizations.json"})
LOCKS: Final = frozenset({"lock", "server.lock"})


def _empty(root: Path) -> None:
    """Delete what a demonstration left. Raises Refused when there is anything else: then nothing is deleted."""
    found = {entry.name for entry in root.iterdir()}
    foreign = {name for name in found - OURS - LOCKS if not name.endswith(".partial")}
    if foreign:
        raise Refused(
            "folder_not_ours",
            f"The folder {root} holds {sorted(foreign)[0]}, which is no part of a demonstration."
            " Choose another one with --data.",
        )
    (root / "organizations.json").unlink(missing_ok=True)  # first: a crash on the way leaves nothing that looks whole
    for name in found - LOCKS:
        path = root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path, sentence: str | None) -> Iterator[int]:
    """Hold a lock file. With a sentence it is refused when somebody has it; without one its end is waited for."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + SERVER_ENDS_S
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if sentence is not None:
                raise Refused("already_open", sentence)
            if time.monotonic() > deadline:
                raise EnvironmentFailure("The server of the demonstration before has not ended. Try again in a minute.")
            time.sleep(POLL_S)
        yield descriptor
    finally:
        os.close(descriptor)


def _lets_everybody_through(path: Path) -> bool:
    """Whether anybody may pass every folder above a path that exists already."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents if parent.exists())
