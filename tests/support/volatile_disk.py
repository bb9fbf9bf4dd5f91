"""What a disk holds, and what of it outlives a power cut: only what was synced, and whatever chance adds to it.

Pure: no mount, no process. `fuse_disk` lets programs use one of these as a folder. Stricter than most file systems:
the name of a new or renamed file lasts only once its folder was synced, and after a failed sync the bytes that it
should have saved count as clean, as with Linux: they are never written again.
"""

import errno
import os
import random
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final, Literal

SECTOR_BYTES: Final = 512
"""A write that is under way when the power goes may be there up to any sector."""
Survival = Literal["nothing", "some", "everything"]
"""What of the bytes that nobody synced is there after a cut: none, any of them, or all."""
Write = tuple[int, bytes] | int
"""(offset, bytes), or a length to which the file was cut."""


class PowerIsOff(Exception):  # noqa: N818 - an event
    """The machine stands still: no operation comes to an end any more."""


@dataclass(frozen=True)
class DiskPlan:
    """What happens to a disk. Operations that change something are counted from 1."""

    seed: int = 0
    cut_at: int | None = None
    """The power goes in the middle of this operation."""
    cut_in: int | None = None
    """The power goes in the middle of so many-th operation from `arm` on."""
    fail_at: int | None = None
    """This write, or this sync, fails with an I/O error; only those two are counted here."""
    room_bytes: int | None = None
    """Beyond this the disk is full."""
    survival: Survival = "nothing"


@dataclass
class _File:
    content: bytearray = field(default_factory=bytearray)
    safe: bytes = b""
    unsafe: list[Write] = field(default_factory=list)
    """Changes since the last sync, in order."""
    is_whole: bool = True
    """Whether every change so far is in `safe` or `unsafe`; not after a failed sync."""

    def change(self, write: Write) -> None:
        self.unsafe.append(write)
        _apply(self.content, write)

    def sync(self) -> None:
        if self.is_whole:
            self.safe, self.unsafe = bytes(self.content), []
            return
        left = bytearray(self.safe)
        for write in self.unsafe:
            _apply(left, write)
        self.safe, self.unsafe = bytes(left), []

    def fail(self) -> None:
        """Lose what was to be saved: it is still read, and counts as clean, so that no later sync saves it."""
        self.unsafe, self.is_whole = [], False


Entry = _File | None
"""A file; None: a folder."""
Naming = tuple[str, Entry, str | None]
"""(path, what is there from now on, the name it had before); a path that is unlinked has its own name as "before"."""


@dataclass
class VolatileDisk:
    """Files and folders by absolute path; the root is "/"."""

    plan: DiskPlan = field(default_factory=DiskPlan)
    names: dict[str, Entry] = field(default_factory=lambda: {"/": None})
    operations: int = 0
    writes_and_syncs: int = 0
    is_off: bool = False
    failed: str = ""
    """What failed as planned: "write" or "sync", and the path; "" again for a folder that was synced later.

    SQLite, which syncs a folder when it makes a file in it, does not care whether that worked.
    """

    def __post_init__(self) -> None:
        self._chance = random.Random(self.plan.seed)
        self._safe_names: dict[str, Entry] = dict(self.names)
        self._unsafe_names: list[Naming] = []
        self._bad_place: tuple[int, int] | None = None
        """Goes on failing: the kernel makes a short write of a single failure, and programs write the rest again."""

    @classmethod
    def load(cls, folder: Path, plan: DiskPlan) -> "VolatileDisk":
        """Take over a folder of a real disk, all of it safe."""
        disk = cls(plan)
        for path in sorted(folder.rglob("*")):
            entry = None if path.is_dir() else _File(bytearray(path.read_bytes()))
            if entry is not None:
                entry.sync()
            disk.names["/" + path.relative_to(folder).as_posix()] = entry
        disk._safe_names = dict(disk.names)
        return disk

    def arm(self) -> None:
        """Count from here to the cut."""
        if self.plan.cut_in is not None:
            self.plan = replace(self.plan, cut_at=self.operations + self.plan.cut_in)

    # ---- what programs do

    def file(self, path: str) -> _File:
        """Give a file that is there."""
        found = self.entry(path)
        if found is None:
            raise OSError(errno.EISDIR, path)
        return found

    def entry(self, path: str) -> Entry:
        """Give what is there; None: a folder."""
        if path not in self.names:
            raise OSError(errno.ENOENT, path)
        return self.names[path]

    def children(self, path: str) -> list[str]:
        """Give the names in a folder."""
        return [PurePosixPath(name).name for name in self.names if name != "/" and _parent(name) == path]

    def make(self, path: str, *, is_folder: bool = False) -> Entry:
        """Make an empty file or a folder."""
        made = None if is_folder else _File()
        self._begin()
        self._name(path, made, None)
        return made

    def write(self, file: _File, offset: int, data: bytes) -> None:
        """Change a file."""
        self._begin()
        self._write_may_fail(file, offset)
        growing = offset + len(data) - len(file.content)
        if self.plan.room_bytes is not None and growing > 0 and self.used_bytes + growing > self.plan.room_bytes:
            raise OSError(errno.ENOSPC, "the disk is full")
        file.change((offset, data))

    def truncate(self, file: _File, length: int) -> None:
        """Cut a file, or let it grow by zeros."""
        self._begin()
        file.change(length)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, in place of whatever had it."""
        self._begin()
        self._name(new, self.names.pop(old), old)

    def remove(self, path: str) -> None:
        """Take a name away."""
        self._begin()
        self._name(path, self.names.pop(path), path)

    def sync(self, file: _File) -> None:
        """Make the content of a file safe, not its name."""
        self._begin(is_change=bool(file.unsafe))
        try:
            self._may_fail("sync", file)
        except OSError:
            file.fail()
            raise
        file.sync()

    def sync_folder(self, path: str) -> None:
        """Make the names in a folder safe."""
        here = [each for each in self._unsafe_names if _parent(each[0]) == path]
        self._begin(is_change=bool(here))
        self._may_fail("sync", path)
        self._unsafe_names = [each for each in self._unsafe_names if each not in here]
        for naming in here:
            _rename(self._safe_names, naming)
        if self.failed == f"sync {path}":
            self.failed = ""

    @property
    def used_bytes(self) -> int:
        """Bytes of all files."""
        return sum(len(each.content) for each in self.names.values() if each is not None)

    def _begin(self, *, is_change: bool = True) -> None:
        """Count an operation. To sync what is safe already is none: PostgreSQL does it with thousands of files."""
        if self.is_off:
            raise PowerIsOff
        self.operations += is_change
        if is_change and self.operations == self.plan.cut_at:
            self.is_off = True
            raise PowerIsOff

    def _write_may_fail(self, file: _File, offset: int) -> None:
        if self._bad_place == (id(file), offset):
            raise OSError(errno.EIO, "the disk failed here before")
        try:
            self._may_fail("write", file)
        except OSError:
            self._bad_place = (id(file), offset)
            raise

    def _may_fail(self, what: str, of: _File | str) -> None:
        self.writes_and_syncs += 1
        if self.writes_and_syncs == self.plan.fail_at:
            paths = [path for path, entry in self.names.items() if path == of or entry is of]
            self.failed = f"{what} {paths[0] if paths else '?'}"
            raise OSError(errno.EIO, "the disk failed")

    def _name(self, path: str, entry: Entry, before: str | None) -> None:
        if before != path:
            self.names[path] = entry
        self._unsafe_names.append((path, entry, before))

    # ---- what is left

    def survivors(self) -> dict[str, bytes | None]:
        """Give what is there after the power comes back; None: a folder."""
        if self.plan.survival == "everything":
            names, keep = dict(self.names), len(self._unsafe_names)
        else:
            names = dict(self._safe_names)
            most = len(self._unsafe_names) if self.plan.survival == "some" else 0
            keep = self._chance.randint(0, most)
            for naming in self._unsafe_names[:keep]:
                _rename(names, naming)
        reachable = {path: entry for path, entry in names.items() if _is_reachable(path, names)}
        return {path: None if entry is None else self._left_of(entry) for path, entry in reachable.items()}

    def _left_of(self, file: _File) -> bytes:
        if self.plan.survival == "everything":
            return bytes(file.content)
        left = bytearray(file.safe)
        for write in file.unsafe if self.plan.survival == "some" else ():
            fate = self._chance.random()
            if fate < 1 / 3 and isinstance(write, tuple):  # torn
                offset, data = write
                _apply(left, (offset, data[: self._chance.randint(0, len(data) // SECTOR_BYTES) * SECTOR_BYTES]))
            elif fate < 2 / 3:
                _apply(left, write)
        return bytes(left)

    def dump(self, folder: Path) -> None:
        """Write what is left into an empty or missing folder of a real disk."""
        for path, content in sorted(self.survivors().items()):
            target = folder / path.lstrip("/")
            if content is None:
                target.mkdir(mode=0o700, exist_ok=True)
            else:
                target.write_bytes(content)
                os.chmod(target, 0o600)


def _apply(content: bytearray, write: Write) -> None:
    if isinstance(write, int):
        del content[write:]
        content.extend(bytes(write - len(content)))
        return
    offset, data = write
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


def _rename(names: dict[str, Entry], naming: Naming) -> None:
    path, entry, before = naming
    if before is not None:
        names.pop(before, None)
    if before != path:
        names[path] = entry


def _parent(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _is_reachable(path: str, names: dict[str, Entry]) -> bool:
    return path == "/" or (_parent(path) in names and _is_reachable(_parent(path), names))
