"""Notices that the database was put back to an earlier state although nobody said so, and begins new epochs.

A file outside of PostgreSQL remembers how far the clocks were, and in which cluster. It is read before the clocks are,
so that no process takes what another has just written for a loss. It never holds more than numbers and ids.
"""

import logging
from pathlib import Path
from threading import Event, Thread

import msgspec

from sync_server.errors import CmmsError, EnvironmentFailure
from sync_server.storage import epochs
from sync_server.storage.engine import Database
from sync_server.storage.new_file import SECRET, replace_file

log = logging.getLogger(__name__)

FILE = "high-water.json"
EVERY_S = 30.0
"""Between two looks. What is lost and overtaken again in between is found by the first device that comes."""
BELOW = "the clock is below its high-water mark"
OTHER_CLUSTER = "the database lies in another cluster"


class HighWater(msgspec.Struct, frozen=True):
    """What is remembered: system identifier and timeline of the cluster, seq and epoch of each organization."""

    cluster: tuple[str, int]
    clocks: dict[str, tuple[int, str]]


class HistoryWatch:
    """Looks at start and every half minute, in a thread of its own."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path
        self._is_over = Event()
        self._is_written = True
        """Whether the file could be written the last time."""
        self._thread: Thread | None = None

    def start(self) -> None:
        """Look now and then, until `stop`."""
        self._is_over.clear()
        self._thread = Thread(target=self._run, name="history-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; remember where everything stands now."""
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            is_over = self._is_over.wait(EVERY_S)
            try:
                self.look()
            except CmmsError as error:
                log.info("the clocks could not be looked at: %s", error.sentence)
            if is_over:
                return

    def look(self) -> list[str]:
        """Begin a new epoch where the clock is not what it was; give the ids of these organizations.

        Raises:
            EnvironmentFailure: the file or the database cannot be used.
        """
        before = self._remembered()
        now = self._standing()
        lost = [] if before is None else _lost(before, now)
        for organization_id, epoch, reason in lost:
            if epochs.rotate(self._database, organization_id, epoch=epoch, reason=reason):
                log.error("the database was restored without the runbook: a new epoch begins")
        if lost:
            now = self._standing()
        if now != before:
            self._remember(now)
        return [organization_id for organization_id, _, _ in lost]

    def _standing(self) -> HighWater:
        with self._database.transaction("worker", None, read_only=True) as connection:
            found = connection.execute(
                "select (select system_identifier::text from pg_control_system()),"
                " (select timeline_id from pg_control_checkpoint())"
            ).fetchone()
            clocks = connection.execute("select organization_id::text, seq, epoch::text from organization_clocks()")
            return HighWater(found or ("", 0), {id_: (seq, epoch) for id_, seq, epoch in clocks.fetchall()})

    def _remembered(self) -> HighWater | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=HighWater)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            log.warning("the high-water mark cannot be read; it is written anew", exc_info=error)
            return None

    def _remember(self, now: HighWater) -> None:
        """Write the file so that a crash leaves the old one or the new one; warn when that begins to fail."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._path, msgspec.json.encode(now), mode=SECRET)
        except OSError as error:
            if self._is_written:
                log.warning("the high-water mark cannot be written; a restore may go unnoticed", exc_info=error)
            self._is_written = False
            raise EnvironmentFailure(f"The file {self._path} cannot be written: {error.strerror}.") from error
        self._is_written = True


def _lost(before: HighWater, now: HighWater) -> list[tuple[str, str, str]]:
    """Organizations that are in the epoch in which they were and cannot be what they were, with epoch and reason."""
    reason = OTHER_CLUSTER if before.cluster != now.cluster else BELOW
    return [
        (organization_id, epoch, reason)
        for organization_id, (seq, epoch) in sorted(now.clocks.items())
        if organization_id in before.clocks
        and before.clocks[organization_id][1] == epoch
        and (reason == OTHER_CLUSTER or before.clocks[organization_id][0] > seq)
    ]
