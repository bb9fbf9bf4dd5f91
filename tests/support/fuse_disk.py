"""A folder that is a `VolatileDisk`: real programs work in it, and lose what they did not sync when its power goes.

A process of its own serves it (`python -m tests.support.fuse_disk PLAN`). At a cut it kills whoever was writing, so
that nobody says anything afterwards; when the folder is unmounted it writes what is left into a plain one.
"""

import ctypes
import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.small_disk import why_no_small_disk
from tests.support.volatile_disk import DiskPlan, PowerIsOff, VolatileDisk, _File

START_S: Final = 60.0
END_S: Final = 60.0
SOON_S: Final = 5.0
TERMINATED: Final = 8
"""What libfuse says when a signal has ended it."""
DEVICE: Final = Path("/dev/fuse")
MNT_DETACH: Final = 2
PR_SET_PDEATHSIG: Final = 1
STATFS_BLOCK_BYTES: Final = 4096
PLENTY_BYTES: Final = 1 << 30


def why_no_fuse() -> str | None:
    """Say why no folder can be served here; None: it can."""
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return f"{DEVICE} cannot be used here, so that there is no disk whose power can be cut"
    try:
        import mfusepy  # noqa: F401 - looks for the system's library when it is imported
    except (ImportError, OSError, AttributeError):
        return "libfuse is not installed here (Debian: libfuse3-3), so that there is no disk whose power can be cut"
    return why_no_small_disk()


@dataclass
class FuseDisk:
    """A mounted folder. `folder`: where programs work. What it did is known when it is unmounted."""

    folder: Path
    pid: int
    operations: int = 0
    writes_and_syncs: int = 0
    is_off: bool = False
    failed: str = ""

    def arm(self) -> None:
        """Count from the next operation to the cut that the plan tells of as `cut_in`."""
        os.kill(self.pid, signal.SIGUSR1)


@contextmanager
def a_fuse_disk(
    begins_as: Path, mount: Path, ends_as: Path, *, plan: DiskPlan, owner: tuple[int, int] | None = None
) -> Iterator[FuseDisk]:
    """Serve the content of `begins_as` under `mount` for a block; afterwards `ends_as`, a new folder, has what is left.

    Whoever works in it must have ended when the block does. `owner`: user and group of all files, where not ourselves.
    """
    mount.mkdir(exist_ok=True)
    words = [str(begins_as), str(mount), str(ends_as), json.dumps(asdict(plan)), json.dumps(owner)]
    serving = subprocess.Popen(
        [sys.executable, "-m", "tests.support.fuse_disk", *words], stdout=subprocess.PIPE, text=True
    )
    disk = FuseDisk(mount, serving.pid)
    try:
        _wait_until_mounted(mount, serving)
        yield disk
        _unmount(mount)
        told = _last_words(serving)
        assert serving.returncode == 0, "the disk failed by itself"
        for name, value in json.loads(told).items():
            setattr(disk, name, value)
    finally:
        if serving.poll() is None:
            _unmount(mount)
            serving.kill()
            serving.wait()
        if serving.stdout is not None:
            serving.stdout.close()


def _wait_until_mounted(mount: Path, serving: subprocess.Popen[str]) -> None:
    until = time.monotonic() + START_S
    while not os.path.ismount(mount):
        assert serving.poll() is None, "the disk could not be mounted"
        assert time.monotonic() < until, "the disk was not mounted in time"
        time.sleep(0.005)


def _last_words(serving: subprocess.Popen[str]) -> str:
    """Wait for a disk that is unmounted; a container that began meanwhile may keep a copy of the mount alive."""
    try:
        return serving.communicate(timeout=SOON_S)[0]
    except subprocess.TimeoutExpired:
        serving.terminate()
        return serving.communicate(timeout=END_S)[0]


def _unmount(mount: Path) -> None:
    ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(mount), MNT_DETACH)


class Served:
    """What libfuse asks of the disk. One thread asks, one question at a time."""

    use_ns = True

    def __init__(self, disk: VolatileDisk, who_asks: Any, owner: tuple[int, int]) -> None:
        self._disk = disk
        self._owner = {"st_uid": owner[0], "st_gid": owner[1]}
        self._who_asks = who_asks
        self._open: dict[int, _File] = {}
        self._next = 1

    def __getattribute__(self, name: str) -> Any:
        """Every question passes here: without power there is no answer, and who asked is killed."""
        found = object.__getattribute__(self, name)
        if name.startswith("_") or not callable(found):
            return found

        def asked(*arguments: Any, **named: Any) -> Any:
            try:
                return found(*arguments, **named)
            except PowerIsOff:
                self._end_asker()
                raise OSError(errno.EIO, "no power") from None

        asked.__name__ = name
        return asked

    def _end_asker(self) -> None:
        uid, _, pid = self._who_asks()
        if pid > 0 and uid == self._owner["st_uid"]:  # 0: the kernel itself, writing back a mapped page
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # ---- questions

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        file = self._open.get(fh or 0)
        entry = file if file is not None else self._disk.entry(path)
        shared = {**self._owner, "st_mtime": 0, "st_ctime": 0, "st_atime": 0}
        if entry is None:
            return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2, **shared}
        blocks = -(-len(entry.content) // 512)
        return {
            "st_mode": stat.S_IFREG | 0o600,
            "st_nlink": 1,
            "st_size": len(entry.content),
            "st_blocks": blocks,
            **shared,
        }

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *self._disk.children(path)]

    def statfs(self, path: str) -> dict[str, int]:
        room = self._disk.plan.room_bytes
        total = PLENTY_BYTES if room is None else room
        free = max(0, total - self._disk.used_bytes) // STATFS_BLOCK_BYTES
        block = {"f_bsize": STATFS_BLOCK_BYTES, "f_frsize": STATFS_BLOCK_BYTES, "f_namemax": 255}
        return {**block, "f_blocks": total // STATFS_BLOCK_BYTES, "f_bfree": free, "f_bavail": free}

    def open(self, path: str, flags: int) -> int:
        return self._opened(self._disk.file(path))

    def create(self, path: str, mode: int, fi: object = None) -> int:
        self._disk.make(path)
        return self._opened(self._disk.file(path))

    def _opened(self, file: _File) -> int:
        self._next += 1
        self._open[self._next] = file
        return self._next

    def release(self, path: str, fh: int) -> int:
        self._open.pop(fh, None)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        if self._disk.is_off:
            raise PowerIsOff
        return bytes(self._open[fh].content[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._disk.write(self._open[fh], offset, data)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self._disk.truncate(self._open[fh] if fh else self._disk.file(path), length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._disk.sync(self._open[fh])
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._disk.sync_folder(path)
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        self._disk.make(path, is_folder=True)
        return 0

    def rename(self, old: str, new: str) -> int:
        self._disk.rename(old, new)
        return 0

    def unlink(self, path: str) -> int:
        self._disk.remove(path)
        return 0

    rmdir = unlink

    def chmod(self, path: str, mode: int) -> int:
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    def utimens(self, path: str, times: object = None) -> int:
        return 0


def serve(begins_as: Path, mount: Path, ends_as: Path, plan: DiskPlan, owner: tuple[int, int] | None = None) -> None:
    """Serve until unmounted, then write down what is left and say what happened."""
    import mfusepy

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # libfuse then unmounts: none is left behind
    disk = VolatileDisk.load(begins_as, plan)
    signal.signal(signal.SIGUSR1, lambda number, frame: disk.arm())
    served = Served(disk, mfusepy.fuse_get_context, owner or (os.getuid(), os.getgid()))
    others = {"allow_other": True} if owner else {}
    try:
        mfusepy.FUSE(served, str(mount), foreground=True, nothreads=True, fsname="cmms-volatile", **others)
    except RuntimeError as error:
        if error.args != (TERMINATED,):
            raise
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    disk.dump(ends_as)
    print(
        json.dumps(
            {
                "operations": disk.operations,
                "writes_and_syncs": disk.writes_and_syncs,
                "is_off": disk.is_off,
                "failed": disk.failed,
            }
        )
    )


if __name__ == "__main__":
    folders = [Path(each) for each in sys.argv[1:4]]
    serve(folders[0], folders[1], folders[2], DiskPlan(**json.loads(sys.argv[4])), json.loads(sys.argv[5]))
