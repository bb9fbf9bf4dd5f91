"""Applying a pull: everything that one answer of the server says, in one transaction, the cursor last.

Membership first, then rows (beneath open mutations into their shadows), then what became of mutations, then the replay
of those that stay open. An answer without its `end` line changes nothing.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from cmms_desktop.errors import ContractMismatch, ServerUnreachable
from cmms_desktop.replica import content_sums, sync_state, verdicts
from cmms_desktop.replica.incoming_rows import Cells, IncomingColumns, columns_of
from cmms_desktop.replica.membership import Membership
from cmms_desktop.replica.removal_guard import GUARDED, kept_back, require_some_left
from cmms_desktop.replica.settlement import Settlement
from cmms_desktop.replica.unread import UnreadRows
from sync_server.contract import codec
from sync_server.contract.column_types import instant_of
from sync_server.contract.rules.draft import Key
from sync_server.contract.version import ROWS

log = logging.getLogger(__name__)

QUIET: Final = timedelta(minutes=1)
"""How exactly the time of the last pull is kept while nothing changes."""
CUT_SHORT: Final = "The server's answer broke off. It is asked for again."

Line = Sequence[Any]
"""A decoded NDJSON line: its kind, then what the kind carries."""


class AnswerCutShort(ServerUnreachable):
    """The answer ended before its `end` line: nothing of it was applied."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a pull came to."""

    seq: int
    more: bool
    """The server has more for this cursor; pull again."""
    bootstrap: tuple[str, ...]
    """Scopes still to be fetched."""
    digests: dict[str, tuple[int, int]]
    rows: int
    """Rows and tombstones that arrived."""
    touched: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Healed:
    """What a heal came to: rows that were brought, and rows of theirs that the server does not have."""

    rows: int
    removed: int
    touched: frozenset[Key]


def apply_answer(settling: Settlement, lines: Iterable[Line], *, since: str | None) -> Applied:
    """Apply the answer to a pull that was asked with the cursor `since`.

    Raises:
        AnswerCutShort: there was no `end`.
        ContractMismatch: a line cannot be understood, or the stored cursor is not `since`.
    """
    if settling.state.cursor != since:
        raise ContractMismatch("An answer arrived that belongs to an older question. It was not used.")
    pull = PullApply(settling)
    pull.take_all(lines)
    return pull.finish()


def apply_heal(settling: Settlement, lines: Iterable[Line], *, scope: str) -> Healed:
    """Put the server's content in place of what differs in a scope; the cursor and open mutations stay what they are.

    Raises:
        AnswerCutShort: there was no `end`.
        ContractMismatch: a line cannot be understood.
        WouldRemoveTooMuch: more than half of a large scope would go.
    """
    pull = PullApply(settling)
    pull.take_all(lines)
    return pull.finish_heal(scope)


class PullApply:
    """One answer, line by line, inside an open transaction."""

    def __init__(self, settling: Settlement) -> None:
        self._settling = settling
        self._store = settling.store
        self._membership = Membership(settling)
        self._columns: dict[str, IncomingColumns] = {}
        self._unread = UnreadRows(settling.cursor)
        self._epoch = ""
        self._server_rows = 1
        self._unnamed: set[Key] = set()
        """Rows of aggregates that joined anew and were not sent: they are gone at the server."""
        self._kept_back: frozenset[Key] = frozenset()
        """Rows that the answer deletes, too many at once: they stay."""
        self._decisions: list[Key] = []
        self._rows = 0
        self._changed: set[str] = set()
        """Aggregates of which rows came, or may go."""
        self._end: dict[str, Any] | None = None
        self._takers: dict[str, Callable[..., None]] = {
            codec.HEADER: self._take_header,
            codec.LEAVE: self._membership.leave,
            codec.SCOPE_LOST: self._membership.lose_scope,
            codec.JOIN: self._take_join,
            codec.ROWS: self._take_rows,
            codec.END: self._take_end,
        }

    def take_all(self, lines: Iterable[Line]) -> None:
        """Take the lines of an answer; kinds that a newer server adds are passed over.

        Raises:
            AnswerCutShort: there was no `end`.
            ContractMismatch: a line cannot be understood.
        """
        answer = list(lines)
        state = self._settling.state
        if state.settled_epoch in {"", state.epoch} and not state.lets_removals_pass:  # a restore may take much away
            self._kept_back = kept_back(self._settling.cursor, answer)
        for line in answer:
            if self._end is not None:
                raise ContractMismatch("The server's answer goes on after its end.")
            taker = self._takers.get(line[0])
            if taker is not None:
                taker(*line[1:])
        if self._end is None:
            raise AnswerCutShort(CUT_SHORT)

    def finish(self) -> Applied:
        """Do what can only be done once every line is known."""
        end = self._end or {}
        self._lose_unlisted(end)
        content_sums.forget(self._settling.cursor, self._changed)
        self._settling.remove(self._unnamed)
        self._store.forget()
        self._membership.finish()
        self._take_decisions()
        self._store_state(end)
        if self._kept_back:
            notice = sync_state.Notice(self._settling.now, GUARDED, len(self._kept_back))
            sync_state.add_notice(self._settling.cursor, notice)
        if not end.get("more"):
            self._settling.finish_pulled()
        self._settling.release_hidden()
        self._settling.rebase()
        state = self._settling.state
        return Applied(
            seq=state.pulled_seq,
            more=bool(end.get("more")),
            bootstrap=state.bootstrap,
            digests=state.digests or {},
            rows=self._rows,
            touched=frozenset(self._store.touched),
        )

    def finish_heal(self, scope: str) -> Healed:
        """End an answer that replaces single aggregates; nothing is known of other commits by it."""
        if not self._settling.state.lets_removals_pass:
            require_some_left(self._settling.cursor, scope, gone=self._membership.left(), rows=self._unnamed)
        content_sums.forget(self._settling.cursor, self._changed)
        self._settling.remove(self._unnamed)
        self._store.forget()
        self._membership.finish()
        self._take_decisions()
        self._settling.release_hidden()
        self._settling.rebase()
        return Healed(self._rows, len(self._unnamed), frozenset(self._store.touched))

    def _take_header(self, header: dict[str, Any]) -> None:
        self._epoch = header["epoch"]
        self._server_rows = header.get("rows", 1)
        self._columns = columns_of(header)
        self._unread.take_header(header)

    def _take_join(self, scope: str, aggregate_type: str, aggregate_ids: Sequence[str]) -> None:
        self._unnamed |= self._membership.join(scope, aggregate_type, aggregate_ids)
        self._unread.forget(aggregate_ids)
        self._changed.update(aggregate_ids)

    def _take_end(self, end: dict[str, Any]) -> None:
        self._end = end

    def _take_rows(self, entity: str, lines: Sequence[Cells]) -> None:
        columns = self._columns.get(entity)
        if columns is None:
            self._unread.take(entity, lines, self._membership.holds)
            return
        if self._kept_back:
            lines = [line for line in lines if (entity, line[columns.id_at]) not in self._kept_back]
        lines = self._of_members(columns, lines)
        self._rows += len(lines)
        keys = {(entity, str(line[columns.id_at])) for line in lines}
        self._unnamed -= keys
        self._store.touched |= keys
        shadowed = keys & self._store.shadows
        for line in lines if shadowed else ():
            if (entity, line[columns.id_at]) in shadowed:
                self._store.set_shadow((entity, str(line[columns.id_at])), columns.row(line))
        free = [line for line in lines if (entity, line[columns.id_at]) not in shadowed] if shadowed else lines
        self._settling.cursor.executemany(columns.upsert, columns.bound(free))
        self._settling.changed(keys)
        if entity == "held_mutation":
            self._decisions += keys

    def _of_members(self, columns: IncomingColumns, lines: Sequence[Cells]) -> Sequence[Cells]:
        """Leave out rows of aggregates that no scope of this device holds.

        A right server sends none, unless it was restored to a time before they left: then they come back by a heal.
        """
        named = {str(line[columns.aggregate_at]) for line in lines}
        self._changed |= named
        strangers = named - self._membership.holds(named)
        if not strangers:
            return lines
        state = self._settling.state
        level = logging.ERROR if state.settled_epoch in {"", state.epoch} else logging.INFO
        log.log(level, "the server sent rows of %d aggregates that this device does not hold", len(strangers))
        return [line for line in lines if line[columns.aggregate_at] not in strangers]

    def _lose_unlisted(self, end: dict[str, Any]) -> None:
        """Lose the scopes of which no cursor told the server, so that no line of its own says that they are lost.

        Those are all of them after a pull without a cursor, and afterwards the ones that are not fetched again yet.
        """
        before = self._settling.state
        untold = self._membership.scopes() if before.cursor is None else set(before.bootstrap)
        for scope in sorted(untold - set(end["digests"]) - set(end["bootstrap"])):
            self._membership.lose_scope(scope, "access_lost")

    def _take_decisions(self) -> None:
        for key in self._decisions:
            row = self._store.get(*key)
            if row is not None and row["decision"] is not None:
                verdicts.record_decision(
                    self._settling,
                    mutation_id=str(row["mutation_id"]),
                    decision=str(row["decision"]),
                    reason=None if row["reason"] is None else str(row["reason"]),
                    seq=None if row["outcome_seq"] is None else int(row["outcome_seq"]),
                )

    def _store_state(self, end: dict[str, Any]) -> None:
        """Write the cursor and what belongs to it; a quiet pull writes only once a minute that there was one.

        The time of the last sync moves only when nothing is left to fetch: until then the device is not up to date.
        """
        before = self._settling.state
        after = replace(
            before,
            epoch=self._epoch,
            cursor=end["cursor"],
            pulled_seq=end["seq"],
            bootstrap=tuple(end["bootstrap"]),
            server_rows=self._server_rows,
            rows=self._rows_version(before),
            digests={scope: (digest, count) for scope, (digest, count) in end["digests"].items()},
        )
        is_complete = not end["more"] and not end["bootstrap"]
        if after == before and not (is_complete and _is_older(before.last_sync_at, self._settling.now)):
            return
        if is_complete:
            after = replace(after, last_sync_at=self._settling.now)
        told = ("epoch", "cursor", "pulled_seq", "bootstrap", "digests", "last_sync_at", "rows", "server_rows")
        self._settling.remember(**{name: getattr(after, name) for name in told})
        sync_state.add_checkpoint(self._settling.cursor, (end["seq"], end["nonce"]))

    def _rows_version(self, before: sync_state.SyncState) -> int:
        """Of which ROWS version all is complete: what comes now has the server's columns, as far as they are known."""
        spoken = min(ROWS, self._server_rows)
        is_complete = before.rows >= spoken or not self._membership.scopes()
        return spoken if is_complete else before.rows


def _is_older(instant: str | None, now: str) -> bool:
    """Whether an instant is missing, a minute past, or in the future because the clock was set back."""
    return instant is None or not timedelta() <= instant_of(now) - instant_of(instant) < QUIET
