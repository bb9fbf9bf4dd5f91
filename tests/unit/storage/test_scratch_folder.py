"""The folder of a database that is thrown away, and what a killed process leaves of it."""

import fcntl
import os
import tempfile
from pathlib import Path

import pytest

from sync_server.storage.scratch_folder import PREFIX, scratch_folder, sweep


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(place: Path, name: str = PREFIX + "left") -> Path:
    """What a killed process leaves; the lock in it is free."""
    data = place / name / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "rows").write_text("somebody")
    (data.parent / "lock").touch()
    return place / name


def test_it_lies_where_the_environment_says_and_is_gone_afterwards(place: Path) -> None:
    with scratch_folder() as cluster:
        assert (cluster.parent.parent, cluster.name) == (place, "postgres")
        assert cluster.parent.stat().st_mode & 0o777 == 0o711
        cluster.mkdir()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("has_lock", [True, False])
def test_what_a_killed_process_left_goes(place: Path, has_lock: bool) -> None:
    folder = left(place)
    if not has_lock:
        (folder / "postgres" / "lock").unlink()
    with scratch_folder():
        assert not folder.exists()


@pytest.mark.parametrize("held", [".", "postgres/lock"], ids=["its process", "its database"])
def test_what_is_in_use_stays(place: Path, held: str) -> None:
    folder = left(place)
    descriptor = os.open(folder / held, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    sweep(place)
    assert (folder / "postgres" / "data" / "rows").exists()
    os.close(descriptor)
    sweep(place)
    assert not folder.exists()


def test_one_that_is_in_use_here_stays(place: Path) -> None:
    with scratch_folder() as first:
        first.mkdir()
        with scratch_folder():
            assert first.exists()


def test_what_is_not_ours_or_only_begun_stays(place: Path) -> None:
    other = left(place, "cmms-other")
    target = left(place, "elsewhere")
    (place / (PREFIX + "link")).symlink_to(target)
    (place / (PREFIX + "file")).touch()
    (place / (PREFIX + "begun")).mkdir()
    before = sorted(place.rglob("*"))
    sweep(place)
    assert sorted(place.rglob("*")) == before
    assert other.exists()
