"""Fetching a scope that the cursor does not hold yet, without getting in the way of incremental pulls (sync.md §6).

A scope that fits one small slice is merged at once. A large one is staged slice by slice and then merged in one
transaction. Either way it becomes visible whole, and nothing that an incremental pull brought meanwhile goes back.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from cmms_desktop.replica.apply import Line
from cmms_desktop.replica.database import ReplicaDatabase, ReplicaHandle
from cmms_desktop.replica.merge import merge
from cmms_desktop.replica.settlement import Settlement
from cmms_desktop.replica.staging import Slice, Staged, StagingFile
from sync_server.contract import codec

SMALL_ROWS: Final = 2_000
"""A first slice up to this size that is the whole scope is merged at once."""

Settle = Callable[[AbstractContextManager[ReplicaHandle]], AbstractContextManager[Settlement]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scope has come. Not complete and no token: ask for its first slice (again)."""

    is_complete: bool
    token: str | None


class Bootstrap:
    """Scopes on their way into a replica, one at a time."""

    def __init__(self, live: ReplicaDatabase, *, settle: Settle) -> None:
        self._live = live
        self._settle = settle
        self._file = StagingFile(live)

    def resume(self, scope: str) -> str | None:
        """Give the token of the next slice of a scope that was begun before; None: ask for the first."""
        staged = self._file.staged()
        if staged is not None and staged.scope == scope and not staged.is_complete:
            return staged.token
        self._file.discard()
        return None

    def take(self, scope: str, lines: Iterable[Line], *, token: str | None = None) -> Progress:
        """Take one slice.

        Args:
            lines: Decoded NDJSON lines of the answer.
            token: What the slice was asked with; None for the first, which throws away what was staged.

        Raises:
            AnswerCutShort: the answer has no end; nothing of it counts.
        """
        rest = iter(lines)
        first, is_whole = _first_lines(rest) if token is None else ([], False)
        if is_whole:
            return self._take_whole(scope, first)
        staged = self._file.add(scope, chain(first, rest), is_first=token is None)
        if staged is None:
            return Progress(is_complete=False, token=None)
        if not staged.is_complete:
            return Progress(is_complete=False, token=staged.token)
        with self._settle(self._live.bootstrap_writer(self._file.path)) as settling:
            merge(settling, staged)
        self._file.discard()
        return Progress(is_complete=True, token=None)

    def _take_whole(self, scope: str, lines: Iterable[Line]) -> Progress:
        with self._settle(self._live.writer()) as settling:
            staged = Slice(settling.cursor, scope, None, is_temporary=True).take_all(lines)
            merge(settling, staged)
            _drop_temporary(settling.cursor, staged)
        self._file.discard()
        return Progress(is_complete=True, token=None)


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
    for name in ("scope", "member", *staged.columns):
        cursor.execute(f"DROP TABLE temp.staged_{name}")
