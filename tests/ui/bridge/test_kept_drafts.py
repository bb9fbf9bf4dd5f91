"""Drafts: in memory at once, on the disk behind each change, and never given up because a disk was full."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cmms_desktop.replica.driver_errors import DiskFull
from cmms_desktop.ui.bridge.kept_drafts import KeptDrafts
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        yield made


@dataclass
class Disk:
    """A session whose disk may be full, and writes that wait until a test lets them go."""

    stage: Stage
    is_full: bool = False
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def notes(self) -> dict[str, str]:
        return self.stage.session.notes()

    def keep_notes(self, notes: Mapping[str, str | None]) -> None:
        if self.is_full:
            raise DiskFull("There is no room left on this device.")
        self.stage.session.keep_notes(notes)

    def write(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


@pytest.fixture
def disk(stage: Stage) -> Disk:
    return Disk(stage)


@pytest.fixture
def drafts(disk: Disk) -> KeptDrafts:
    return KeptDrafts(disk, later=disk.waiting.append)  # type: ignore[arg-type]  # what it needs of a session


def test_many_changes_while_a_write_waits_are_one_write(disk: Disk, drafts: KeptDrafts) -> None:
    for length in range(1, 6):
        drafts.keep("comment:1", "Seen"[:length])
    drafts.keep("comment:2", "Too")
    assert len(disk.waiting) == 1
    disk.write()
    assert disk.notes() == {"comment:1": "Seen", "comment:2": "Too"}


def test_what_a_full_disk_did_not_take_goes_with_the_next_change(disk: Disk, drafts: KeptDrafts) -> None:
    drafts.keep("comment:1", "The seal leaks")
    drafts.keep("comment:2", "Old")
    disk.is_full = True
    with pytest.raises(DiskFull):
        disk.write()
    assert drafts.get("comment:1") == "The seal leaks"
    disk.is_full = False
    drafts.keep("comment:2", "New")
    disk.write()
    assert disk.notes() == {"comment:1": "The seal leaks", "comment:2": "New"}


def test_the_end_of_a_session_tries_once_more(disk: Disk, drafts: KeptDrafts) -> None:
    drafts.keep("comment:1", "The seal leaks")
    disk.is_full = True
    with pytest.raises(DiskFull):
        disk.write()
    disk.is_full = False
    drafts.write_rest()
    disk.write()
    assert disk.notes() == {"comment:1": "The seal leaks"}
    drafts.write_rest()
    assert disk.waiting == []
