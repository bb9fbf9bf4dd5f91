"""What one workplace does when its organization takes the device back: seals, keeps the receipt, destroys its keys."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cmms_desktop.application.rescue import Work, write_sealed
from cmms_desktop.credentials.wiping import WipeNote, Wiping
from cmms_desktop.replica.transaction import Replica
from sync_server.contract.standing import MAX_SEALED_BYTES, Receipt, WipeReport

SEALED_FILE: Final = "handing-in.cmms-rescue"


@dataclass(frozen=True, slots=True)
class WorkplaceLeaving:
    """`sync.obedience.Leaving` of a workplace."""

    work: Work
    replica: Replica
    wiping: Wiping
    folder: Path

    def sealed_file(self, recovery_key: str) -> tuple[Path, int]:
        """Give the sealed file, made once: whatever was sent of it before goes on where it ended.

        It is whole when its number of changes is known, which is written after it is on the disk.
        """
        path = self.folder / SEALED_FILE
        changes = self.replica.state().handing_in
        if changes is None or not path.exists():
            self.replica.remember(handing_in=None)
            changes = self.replica.outbox.unsent()
            self._write(path, recovery_key)
            self.replica.remember(handing_in=changes)
        return path, changes

    def keep_receipt(self, receipt: Receipt) -> None:
        """Keep the receipt beside the person's folder."""
        self.wiping.keep_receipt(receipt)

    def destroy(self, report: WipeReport, sentence: str) -> None:
        """Destroy the keys; files follow when the store is closed."""
        self.wiping.begin(WipeNote(self.work.person_id, report.device_id, sentence, report))

    def _write(self, path: Path, recovery_key: str) -> None:
        """Write it with all files, or without any when that is more than the server takes: changes go first."""
        for with_files in (True, False):
            path.unlink(missing_ok=True)
            write_sealed(self.work, path, recovery_key=recovery_key, made_at=self.replica.now(), with_files=with_files)
            if path.stat().st_size <= MAX_SEALED_BYTES:
                return
