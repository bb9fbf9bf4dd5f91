"""A disk that is cut comes back, whoever else on the machine looks at it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.fuse_disk import a_fuse_disk, why_no_fuse
from tests.support.volatile_disk import DiskPlan

pytestmark = pytest.mark.skipif(bool(why_no_fuse()), reason=why_no_fuse() or "a disk can be cut here")
LOOKS_ON = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
assert libc.unshare(0x20000) == 0  # CLONE_NEWNS: mounts of its own, copies of what was there
assert libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None) == 0  # MS_REC | MS_PRIVATE
print("looking", flush=True)
sys.stdin.read()
"""


def test_a_program_with_a_copy_of_the_mount_keeps_no_disk_alive(tmp_path: Path) -> None:
    """A container that starts meanwhile has our mount in its own table, and nobody here can take it away there."""
    begins, mount, left = (tmp_path / name for name in ("begins", "mount", "left"))
    begins.mkdir()
    (begins / "kept").write_bytes(b"kept")
    onlooker = None
    try:
        with a_fuse_disk(begins, mount, left, plan=DiskPlan(seed=1)):
            onlooker = subprocess.Popen(
                [sys.executable, "-c", LOOKS_ON], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            assert onlooker.stdout is not None
            assert onlooker.stdout.readline() == "looking\n"
            descriptor = os.open(mount / "kept", os.O_WRONLY)
            os.write(descriptor, b"anew")
            os.fsync(descriptor)
            os.close(descriptor)
        assert (left / "kept").read_bytes() == b"anew"
    finally:
        if onlooker is not None:
            onlooker.communicate("")
