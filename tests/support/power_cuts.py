"""A real client on a disk whose power goes, again and again: it edits, photographs and syncs to the last operation."""

import os
import random
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from cmms_desktop.replica import bootstrap, open_guard
from tests.support.client_process import ClientPlan, FileStore, Said, a_client, plan_for
from tests.support.fleet import Fleet, FleetDevice
from tests.support.fuse_disk import FuseDisk, a_fuse_disk
from tests.support.small_site import PASSWORD
from tests.support.sound_replica import kept_mutations, missing_photos, require_sound
from tests.support.volatile_disk import DiskPlan, Survival

LAST_OPERATION = 500
"""Opening takes about 60 operations, an edit 5 to 12, a photo 6, a cycle some dozens."""
SURVIVALS: tuple[Survival, ...] = ("nothing", "some", "some", "everything")


def sync_less() -> None:
    """Take the protection away: commits are synced when the store is tidied up, not when they are promised."""
    assert isinstance(open_guard.WRITER_PRAGMAS, dict)
    open_guard.WRITER_PRAGMAS["synchronous"] = ("NORMAL", 1)


def sync_no_photos() -> None:
    """Take the protection away: a photo is named before its bytes and its name are on the disk."""

    os.fsync = lambda fd: None  # SQLite syncs by itself, not through Python


def stage_everything() -> None:
    """Let every scope collect in staging tables, however small it is."""
    bootstrap.SMALL_ROWS = -1  # type: ignore[misc]


@dataclass
class CutClient:
    """One person's client whose machine loses power. His folder is what the last cut has left."""

    device: FleetDevice
    plan: ClientPlan
    room: Path
    promised: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, fleet: Fleet, room: Path) -> "CutClient":
        """Enrol the technician; his keyring lies on another disk."""
        device = fleet.device("technician", store=FileStore(room / "keyring"))
        device.close()
        return cls(device, plan_for(fleet, device, room / "keyring"), room)

    @classmethod
    def new(cls, fleet: Fleet, room: Path) -> "CutClient":
        """A technician with an empty disk: he signs in and syncs for the first time on the disk that is cut."""
        client = cls.of(fleet, room)
        shutil.rmtree(client.device.folder)
        client.device.folder.mkdir()
        (room / "keyring").unlink()
        fleet.devices.remove(client.device)
        return client

    def work_until_the_power_goes(self, seed: int, *, least: int = 0) -> None:
        """Work on the disk until it ends, after `least` operations; put what is left in its place."""
        chance = random.Random(seed)
        plan = DiskPlan(seed=seed, cut_at=least + chance.randint(1, LAST_OPERATION), survival=chance.choice(SURVIVALS))
        disk, _ = self.work(plan)
        assert disk.is_off, "the client was killed before the power went"

    def work(self, plan: DiskPlan, *, edits: int | None = None, is_closed: bool = True) -> tuple[FuseDisk, list[Said]]:
        """Work on such a disk, so many edits or until the power goes, and put what is left in its place.

        `is_closed`: after these edits the program ends in good order; otherwise the power goes then.
        """
        mount, left = self.room / "mount", self.room / "left"
        with (
            a_fuse_disk(self.device.folder, mount, left, plan=plan) as disk,
            a_client(replace(self.plan, folder=mount, edits=edits, is_closed=is_closed)) as client,
        ):
            said = client.wait_until_killed() if edits is None else client.wait_until_done()
        shutil.rmtree(self.device.folder)
        left.rename(self.device.folder)
        self.promised |= {each.text for each in said if each.kind == "edit"}
        self.plan = replace(self.plan, start_at=next_number(self.plan, said))
        return disk, said

    def require_sound(self) -> None:
        """Open what is left and look at all of it."""
        with self.device.desk.open(self.device.login, PASSWORD) as workplace:
            require_sound(workplace, self.promised)

    def lost(self) -> set[str]:
        """Promised edits and named photos that are gone; a store that cannot be opened has lost everything."""
        with self.device.desk.open(self.device.login, PASSWORD) as workplace:
            return (self.promised - kept_mutations(workplace)) | missing_photos(workplace)


def next_number(plan: ClientPlan, said: list[Said]) -> int:
    """Numbers are never used again, not even those of edits of which nothing was heard."""
    return max([plan.start_at, *(each.number for each in said)]) + 10
