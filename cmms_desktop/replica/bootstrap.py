"""Fetching a scope that the cursor does not hold yet, without getting in the way of incremental pulls (sync.md §6).

A scope that fits one small slice is merged at once. A large one is staged slice by slice and then merged in one
transaction. Either way it becomes visible whole, and nothing that an incremental pull brought meanwhile goes back.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import chain
from typing import Any, Final

from cmms_desktop.replica.apply import Line
from cmms_desktop.replica.database import ReplicaDatabase, ReplicaHandle
from cmms_desktop.replica.merge import merge
from cmms_desktop.replica.settlement import Settlement
from cmms_desktop.replica.staging import Slice, Staged, Staging
from sync_server.contract import codec

SMALL_ROWS: Final = 2_000
"""A first slice up to this size that is the whole scope is merged at once."""

Settle = Callable[[AbstractContextManager[ReplicaHandle]], AbstractContextManager[Settlement]]


class ScopeFetch:
    """One scope on its way into the replica: ask for slices with `token` and `add` them until it is complete."""

    def __init__(self, live: ReplicaDatabase, scope: str, *, place: Staging, settle: Settle) -> None:
        self._live = live
        self._settle = settle
        self._place = place
        self.scope = scope
        self.is_complete = False
        self.rows = 0
        """Rows that arrived in this fetch."""
        self.token = self._resumed()
        """What to ask the next slice with; None: ask for the first one."""

    def _resumed(self) -> str | None:
        """Go on where an earlier fetch of this scope stopped; whatever else was staged is of no use any more."""
        staged = self._place.staged()
        if staged is not None and staged.scope == self.scope and not staged.is_complete:
            return staged.token
        self._place.discard()
        return None

    def add(self, lines: Iterable[Line]) -> None:
        """Take the slice that was asked for with `token`; the last one merges the scope.

        When the server began again, the file starts afresh and `token` is None once more.

        Raises:
            AnswerCutShort: the answer has no end; nothing of it counts, ask again.
        """
        rest = self._counted(lines)
        first, is_whole = _first_lines(rest) if self.token is None else ([], False)
        if is_whole:
            self._merge_whole(first)
            return
        staged = self._place.add(self.scope, chain(first, rest), is_first=self.token is None)
        self.token = None if staged is None else staged.token
        if staged is not None and staged.is_complete:
            self._merge_staged(staged)

    def _counted(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            self.rows += len(line[2]) if line[0] == codec.ROWS else 0
            yield line

    def _merge_whole(self, lines: Iterable[Line]) -> None:
        with self._settle(self._live.writer()) as settling:
            staged = Slice(settling.cursor, self.scope, None, is_temporary=True).take_all(lines)
            merge(settling, staged)
            _drop_temporary(settling.cursor, staged)
        self.is_complete = True

    def _merge_staged(self, staged: Staged) -> None:
        with self._settle(self._place.merging()) as settling:
            merge(settling, staged)
            self._place.drop(settling.cursor)
        self._place.discard()
        self._live.move_log()
        self.is_complete = True


def _first_lines(lines: Iterable[Line]) -> tuple[list[Line], bool]:
    """Give the lines up to 2,000 rows, and whether they are a whole scope."""
    taken: list[Line] = []
    rows = 0
    for line in lines:
        taken.append(line)
        rows += len(line[2]) if line[0] == codec.ROWS else 0
        if line[0] == codec.END:
            return taken, line[1]["token"] is None
        if rows > SMALL_ROWS:
            break
    return taken, False


def _drop_temporary(cursor: Any, staged: Staged) -> None:
    for name in ("scope", "member", "unread", *staged.columns):
        cursor.execute(f"DROP TABLE temp.staged_{name}")
