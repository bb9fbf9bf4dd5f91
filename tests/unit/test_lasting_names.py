"""A folder that cannot be synced is told from a disk that fails, for keys, work and profile alike."""

import errno
import os
import sys
from pathlib import Path

import pytest

from cmms_desktop.credentials import key_file, wiping
from cmms_desktop.lasting_names import sync_folder
from cmms_desktop.profile import in_force
from cmms_desktop.replica import blobs, private_folders

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows makes names durable by itself")


def test_keys_work_and_profile_have_one_way_of_making_names_durable() -> None:
    rooms = (key_file, wiping, in_force, blobs, private_folders)
    assert [room.__name__ for room in rooms if vars(room).get("sync_folder") is not sync_folder] == []


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_without_that_is_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int) -> None:
    asked: list[int] = []

    def refuse(descriptor: int) -> None:
        asked.append(descriptor)
        raise OSError(number, "not here")

    monkeypatch.setattr(os, "fsync", refuse)
    sync_folder(tmp_path)
    (descriptor,) = asked
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_disk_that_fails_is_heard_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, "the disk")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="the disk"):
        sync_folder(tmp_path)
