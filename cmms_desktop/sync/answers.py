"""Whether an answer belongs to its question: a bad network can deliver the answer to another one.

What does not belong is not used, and asked for again. An answer that ends too early passes here: whoever applies it
misses its `end` line.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.replica.sync_state import SyncState
from cmms_desktop.replica.verdicts import ACCEPTED, STOPPED
from sync_server.contract import codec
from sync_server.contract.messages import PushAnswer, Verdict

Line = Sequence[Any]
MIXED_UP: Final = "The network mixed up two answers. The right one is asked for again."
SETTLED: Final = ACCEPTED | STOPPED.keys()
"""Verdicts after which a mutation is not sent again."""
_VERDICTS: Final = msgspec.json.Decoder(Verdict)


class Pushed(msgspec.Struct, frozen=True):
    """What both kinds of answer say of a push; see messages.PushAnswer."""

    verdicts: list[Verdict]
    resend_from: int | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it is sent again; what a newer server may say waits for the next cycle."""
        return all(verdict.status in SETTLED for verdict in self.verdicts)

    @property
    def is_accepted(self) -> bool:
        """Whether every change counts and nothing is missing before them."""
        return self.resend_from is None and all(verdict.status in ACCEPTED for verdict in self.verdicts)


def require_verdicts(verdicts: Iterable[Verdict], mutation_ids: Sequence[str]) -> None:
    """Raise ServerUnreachable unless these verdicts answer exactly these mutations."""
    if [verdict.mutation_id for verdict in verdicts] != list(mutation_ids):
        raise ServerUnreachable(MIXED_UP)


def of_push(answer: PushAnswer, mutation_ids: Sequence[str]) -> Pushed:
    """Read the answer to a push. Raises ServerUnreachable unless it answers exactly these mutations."""
    verdicts = list(map(_VERDICTS.decode, answer.verdicts))
    require_verdicts(verdicts, mutation_ids)
    return Pushed(verdicts, answer.resend_from)


def require_pull(lines: Sequence[Line], state: SyncState) -> None:
    """Raise ServerUnreachable for the answer to a bootstrap, or to a pull from before what was pulled already."""
    if lines and lines[0][0] != codec.HEADER:
        raise ServerUnreachable(MIXED_UP)
    if not lines or lines[-1][0] != codec.END:
        return
    end = lines[-1][1]
    is_pull = "digests" in end and "bootstrap" in end
    is_ours = state.epoch in {"", lines[0][1]["epoch"]}  # a new one begins with a hello
    if not is_pull or not is_ours or end["seq"] < state.pulled_seq:
        raise ServerUnreachable(MIXED_UP)


def taken_apart(lines: Sequence[Line], mutation_ids: Sequence[str], state: SyncState) -> tuple[Pushed, Sequence[Line]]:
    """Give the two halves of an answer to both, push and pull. It counts whole or not at all.

    Raises ServerUnreachable unless it is complete, answers these mutations, and was read after they were committed.
    """
    if not lines or lines[-1][0] != codec.END:
        raise ServerUnreachable
    if lines[0][0] != codec.PUSHED:
        raise ServerUnreachable(MIXED_UP)
    try:
        pushed = msgspec.convert(lines[0][1], Pushed)
    except msgspec.ValidationError as error:
        raise ServerUnreachable(MIXED_UP) from error
    require_verdicts(pushed.verdicts, mutation_ids)
    require_pull(lines[1:], state)
    if lines[-1][1]["seq"] < max(verdict.commit_seq or 0 for verdict in pushed.verdicts):
        raise ServerUnreachable(MIXED_UP)
    return pushed, lines[1:]


def require_heal(lines: Sequence[Line], scope: str, state: SyncState) -> None:
    """Raise ServerUnreachable for the answer to anything but a verify of this scope, since the last pull."""
    if not lines or lines[-1][0] != codec.END:
        raise ServerUnreachable
    end = lines[-1][1]
    scopes = {line[1] for line in lines if line[0] in {codec.JOIN, codec.LEAVE}}
    is_heal = end.get("scope") == scope and "digest" in end and scopes <= {scope}
    if not is_heal or lines[0][1]["epoch"] != state.epoch or end["seq"] < state.pulled_seq:
        raise ServerUnreachable(MIXED_UP)


def of_scope(lines: Iterable[Line], scope: str) -> Iterator[Line]:
    """Pass on the lines of a slice. Raises ServerUnreachable at the first that speaks of anything but this scope."""
    for line in lines:
        if (line[0] == codec.JOIN and line[1] != scope) or (line[0] == codec.END and line[1].get("scope") != scope):
            raise ServerUnreachable(MIXED_UP)
        yield line
