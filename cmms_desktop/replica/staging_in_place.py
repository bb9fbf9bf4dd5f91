"""Where the slices of a device's first scope collect: in the replica itself, in tables no query knows.

Nobody works on an empty replica, so nobody waits for the commits of slices; and tables that are still empty at the end
are exchanged for the staged ones (`exchange`), so that each row is encrypted and written once. What comes after the
first scope that holds anything does not belong here: it meets rows, and people who work on them.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from cmms_desktop.replica.database import ReplicaDatabase, ReplicaHandle
from cmms_desktop.replica.exchange import drop_staged
from cmms_desktop.replica.staging import OtherColumnsError, Slice, Staged, is_same_beginning, read_staged


class StagingInPlace:
    """The staging tables of a replica's own file."""

    def __init__(self, live: ReplicaDatabase) -> None:
        self._live = live
        self._may_be_there = True
        """Whether there may be anything staged: not known before the first look, which finds what a crash has left."""

    def meets_nothing(self) -> bool:
        """Whether the replica holds nothing of any scope yet."""
        with self._live.reader() as handle:
            return not handle.cursor.execute("SELECT EXISTS (SELECT 1 FROM member)").fetchone()[0]

    def merging(self) -> AbstractContextManager[ReplicaHandle]:
        """Open the transaction in which what is complete is merged; it ends with `drop`."""
        return self._live.writer()

    def drop(self, cursor: Any) -> None:
        """Leave nothing staged, in the transaction of the merge."""
        drop_staged(cursor)

    def discard(self) -> None:
        """Leave nothing staged."""
        if self.staged() is not None:
            with self._live.writer() as handle:
                drop_staged(handle.cursor)
        self._may_be_there = False

    def discard_unless(self, scopes: Collection[str]) -> None:
        """Drop what was staged of a scope that is not to be fetched any more."""
        staged = self.staged()
        if staged is not None and staged.scope not in scopes:
            self.discard()

    def staged(self) -> Staged | None:
        """How far it has come; None: nothing is staged."""
        if not self._may_be_there:
            return None
        with self._live.reader() as handle:
            staged = read_staged(handle.cursor)
        self._may_be_there = staged is not None
        return staged

    def add(self, scope: str, lines: Iterable[Sequence[Any]], *, is_first: bool) -> Staged | None:
        """Write a slice in one commit; the first one starts afresh.

        Returns:
            How far the scope has come. None: the slice belongs to another beginning than what was staged, which goes.
        """
        self._may_be_there = True
        try:
            with self._live.download_writer() as handle:
                if is_first:
                    drop_staged(handle.cursor)
                before = read_staged(handle.cursor)
                staged = Slice(handle.cursor, scope, before, is_in_place=True).take_all(lines)
        except OtherColumnsError:
            self.discard()
            return None
        self._live.move_log()
        if not is_first and not is_same_beginning(before, staged):
            self.discard()
            return None
        return staged
