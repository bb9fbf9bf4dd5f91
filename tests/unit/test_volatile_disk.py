"""The disk of the power cuts is as bad as it says: only what was synced is sure, and only under a synced name."""

import errno
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.volatile_disk import DiskPlan, PowerIsOff, Survival, VolatileDisk


def a_disk(tmp_path: Path, **plan: object) -> VolatileDisk:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").write_bytes(b"old")
    return VolatileDisk.load(tmp_path, DiskPlan(**plan))  # type: ignore[arg-type]


def left(disk: VolatileDisk, *names: str) -> list[bytes | None]:
    found = disk.survivors()
    return [found.get(name) for name in names]


def test_bytes_last_when_they_were_synced_and_their_name_too(tmp_path: Path) -> None:
    disk = a_disk(tmp_path)
    disk.make("/folder/new")
    disk.write(disk.file("/folder/new"), 0, b"new")
    disk.write(disk.file("/folder/old"), 3, b"er")
    assert left(disk, "/folder/new", "/folder/old") == [None, b"old"]
    disk.sync(disk.file("/folder/new"))
    assert left(disk, "/folder/new", "/folder/old") == [None, b"old"]
    disk.sync_folder("/folder")
    disk.sync(disk.file("/folder/old"))
    assert left(disk, "/folder/new", "/folder/old") == [b"new", b"older"]


def test_a_rename_lasts_when_the_folder_was_synced(tmp_path: Path) -> None:
    disk = a_disk(tmp_path)
    disk.rename("/folder/old", "/folder/moved")
    assert left(disk, "/folder/old", "/folder/moved") == [b"old", None]
    disk.sync_folder("/folder")
    assert left(disk, "/folder/old", "/folder/moved") == [None, b"old"]
    disk.remove("/folder/moved")
    assert left(disk, "/folder/moved") == [b"old"]


def test_what_lies_in_a_folder_whose_name_is_lost_is_lost(tmp_path: Path) -> None:
    disk = a_disk(tmp_path)
    disk.make("/deep", is_folder=True)
    disk.make("/deep/file")
    disk.sync_folder("/deep")
    assert "/deep/file" not in disk.survivors()
    disk.sync_folder("/")
    assert "/deep/file" in disk.survivors()


def variants(tmp_path: Path, survival: Survival) -> Iterable[bytes | None]:
    for seed in range(40):
        folder = tmp_path / f"{survival}-{seed}"
        folder.mkdir()
        disk = a_disk(folder, seed=seed, survival=survival)
        disk.write(disk.file("/folder/old"), 0, b"A" * 1024)
        disk.truncate(disk.file("/folder/old"), 900)
        yield from left(disk, "/folder/old")


def test_what_was_not_synced_may_be_there_in_any_part(tmp_path: Path) -> None:
    assert set(variants(tmp_path, "everything")) == {b"A" * 900}
    assert set(variants(tmp_path, "nothing")) == {b"old"}
    some = set(variants(tmp_path, "some"))
    assert {b"old", b"A" * 900, b"A" * 1024, b"A" * 512} <= some


def test_a_sync_that_failed_once_saves_nothing_later(tmp_path: Path) -> None:
    disk = a_disk(tmp_path, fail_at=2)
    disk.write(disk.file("/folder/old"), 0, b"new")
    with pytest.raises(OSError, match="failed") as failure:
        disk.sync(disk.file("/folder/old"))
    assert failure.value.errno == errno.EIO
    disk.sync(disk.file("/folder/old"))
    assert bytes(disk.file("/folder/old").content) == b"new", "programs go on reading what they wrote"
    assert left(disk, "/folder/old") == [b"old"]
    disk.write(disk.file("/folder/old"), 3, b"er")
    disk.sync(disk.file("/folder/old"))
    assert left(disk, "/folder/old") == [b"older"], "later writes are saved, over the bytes of before"


def test_at_the_cut_nothing_is_answered_any_more(tmp_path: Path) -> None:
    disk = a_disk(tmp_path, cut_at=2)
    disk.write(disk.file("/folder/old"), 0, b"new")
    for _ in range(2):
        with pytest.raises(PowerIsOff):
            disk.sync(disk.file("/folder/old"))
    assert left(disk, "/folder/old") == [b"old"]


def test_a_full_disk_takes_no_more_and_keeps_what_it_has(tmp_path: Path) -> None:
    disk = a_disk(tmp_path, room_bytes=5)
    file = disk.file("/folder/old")
    disk.write(file, 3, b"er")
    with pytest.raises(OSError, match="full") as failure:
        disk.write(file, 5, b"!")
    assert failure.value.errno == errno.ENOSPC
    disk.write(file, 0, b"OLD")
    assert bytes(file.content) == b"OLDer"


def test_what_is_left_becomes_a_folder(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    disk = a_disk(tmp_path / "before")
    (tmp_path / "after").mkdir()
    disk.dump(tmp_path / "after")
    assert (tmp_path / "after" / "folder" / "old").read_bytes() == b"old"


def test_the_power_goes_so_many_changes_after_somebody_said_so(tmp_path: Path) -> None:
    disk = a_disk(tmp_path, cut_in=2)
    old = disk.file("/folder/old")
    for _ in range(5):
        disk.write(old, 0, b"o")
    disk.arm()
    disk.write(old, 0, b"O")
    with pytest.raises(PowerIsOff):
        disk.sync(old)
    assert left(disk, "/folder/old") == [b"old"]


def test_to_sync_what_is_safe_already_is_no_change(tmp_path: Path) -> None:
    disk = a_disk(tmp_path, cut_at=2)
    old = disk.file("/folder/old")
    for _ in range(5):
        disk.sync(old)
        disk.sync_folder("/folder")
    assert disk.operations == 0
    disk.write(old, 0, b"O")
    with pytest.raises(PowerIsOff):
        disk.sync(old)
