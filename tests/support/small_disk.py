"""A disk with little room: a tmpfs of a given size, which may grow later as if somebody had tidied up."""

import ctypes
import functools
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MS_REMOUNT = 32
MNT_DETACH = 2
PAGE_BYTES = 4096


@functools.cache
def why_no_small_disk() -> str | None:
    """Say why no disk can be mounted here; None: one was."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux may mount a disk"
    try:
        with tempfile.TemporaryDirectory(prefix="cmms-test-") as folder, a_small_disk(Path(folder), PAGE_BYTES):
            return None
    except OSError:
        return "not even root may mount a disk here"


class SmallDisk:
    """The mounted folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def used_bytes(self) -> int:
        """Bytes that are in use."""
        told = os.statvfs(self.folder)
        return (told.f_blocks - told.f_bfree) * told.f_frsize

    def resize(self, size_bytes: int) -> None:
        """Give it another size, rounded up to whole pages."""
        _mount(self.folder, size_bytes, flags=MS_REMOUNT)


@contextmanager
def a_small_disk(folder: Path, size_bytes: int) -> Iterator[SmallDisk]:
    """Mount one for a block."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount(folder, size_bytes)
    try:
        yield SmallDisk(folder)
    finally:
        ctypes.CDLL(None).umount2(os.fsencode(folder), MNT_DETACH)


def _mount(folder: Path, size_bytes: int, *, flags: int = 0) -> None:
    pages = -(-size_bytes // PAGE_BYTES)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size={pages * PAGE_BYTES},mode=700".encode()
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options) != 0:
        raise OSError(ctypes.get_errno(), f"{folder} cannot be mounted")
