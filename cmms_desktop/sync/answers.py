"""Whether an answer belongs to its question: a bad network can deliver the answer to another one.

What does not belong is not used, and asked for again. An answer that ends too early passes here: whoever applies it
misses its `end` line.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.replica.sync_state import SyncState
from sync_server.contract import codec
from sync_server.contract.messages import Verdict

Line = Sequence[Any]

MIXED_UP: Final = "The network mixed up two answers. The right one is asked for again."


def require_verdicts(verdicts: Iterable[Verdict], mutation_ids: Sequence[str]) -> None:
    """Raise ServerUnreachable unless these verdicts answer exactly these mutations."""
    if [verdict.mutation_id for verdict in verdicts] != list(mutation_ids):
        raise ServerUnreachable(MIXED_UP)


def require_pull(lines: Sequence[Line], state: SyncState) -> None:
    """Raise ServerUnreachable for the answer to a bootstrap, or to a pull from before what was pulled already."""
    if not lines or lines[-1][0] != codec.END:
        return
    end = lines[-1][1]
    is_pull = "digests" in end and "bootstrap" in end
    if not is_pull or (lines[0][1]["epoch"] == state.epoch and end["seq"] < state.pulled_seq):
        raise ServerUnreachable(MIXED_UP)


def of_scope(lines: Iterable[Line], scope: str) -> Iterator[Line]:
    """Pass on the lines of a slice. Raises ServerUnreachable at the first that speaks of anything but this scope."""
    for line in lines:
        if (line[0] == codec.JOIN and line[1] != scope) or (line[0] == codec.END and line[1].get("scope") != scope):
            raise ServerUnreachable(MIXED_UP)
        yield line
