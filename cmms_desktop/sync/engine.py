"""One cycle of the conversation: hello, push until nothing is left, pull (both at once), new scopes, pull, blobs.

The network is never inside a transaction of the replica. Whatever fails, the outbox keeps everything; the next cycle
begins where this one stopped. See README.md for states and failures.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.errors import (
    ContractMismatch,
    EnvironmentFailure,
    Refused,
    ServerBusy,
    ServerUnreachable,
    SessionExpired,
)
from cmms_desktop.replica import outbox
from cmms_desktop.replica.bootstrap import ScopeFetch
from cmms_desktop.replica.lost_history import Fork
from cmms_desktop.replica.sealing import SealedBatch
from cmms_desktop.replica.sync_state import SyncState
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync import answers, log_witness
from cmms_desktop.sync.blob_transfer import BlobTransfer
from cmms_desktop.sync.clock import offset_ms, on_the_new_clock
from cmms_desktop.sync.filling import Filler
from cmms_desktop.sync.healing import Healer
from cmms_desktop.sync.line_stream import decoded
from cmms_desktop.sync.obedience import Leaving, Obedience
from cmms_desktop.sync.outgoing import Outgoing
from cmms_desktop.sync.report import Progress, Report, unheard
from cmms_desktop.sync.session_keeper import SessionKeeper
from cmms_desktop.sync.slices import Slice, slices
from cmms_desktop.sync.transport import Transport
from sync_server.contract import messages
from sync_server.contract.column_types import instant_text
from sync_server.contract.version import MUTATION, PROTOCOL, ROWS

__all__ = ["Clock", "Engine", "Progress", "Report", "unheard"]

Clock = Callable[[], datetime]

GREETING_LASTS = timedelta(minutes=10)
"""How long a hello stands for the cycles that follow."""
AGAIN_S = 1.0
"""Before a cycle begins again that met a restored server in the middle; twice as long each time that it meets one."""
MOST_DOUBLED = 6
"""Times in a row that the wait grows: to about a minute."""
STUCK = 2
"""Times that a busy server keeps changes from leaving until news are asked for first; without an answer it is one.

A server that answers, but had no time for the changes, counts as busy.
"""
AT_ONCE = 50
"""A batch of so many mutations is pushed and pulled in one round trip: nearly always all that waits."""
OLDER_SERVER = "The server is older than this program. Your changes are kept and sent when it was updated."
GONE = frozenset({"not_found", "cursor_invalid"})
"""Refusals of a slice that the next pull explains: the scope was lost, or the reading position."""


def _asking(state: SyncState) -> messages.PullRequest:
    return messages.PullRequest(cursor=state.cursor, protocol=PROTOCOL)


class Engine:
    """The conversation of one replica with its server. One thread runs it."""

    def __init__(
        self,
        replica: Replica,
        transport: Transport,
        session: SessionKeeper,
        *,
        signer: DeviceSigner,
        clock: Clock,
        app_version: str,
        blobs: BlobTransfer | None = None,
        leaving: Leaving | None = None,
    ) -> None:
        """Put the parts of one conversation together."""
        self._replica = replica
        self._transport = transport
        self._session = session
        self._outgoing = Outgoing(replica, transport, session, signer)
        self._clock = clock
        self._app_version = app_version
        self._blobs = blobs
        self._takes_photos_along = True
        self._progress: Progress = unheard
        self._filler = Filler(replica, transport, session)
        self._obedience = Obedience(replica, transport, signer, leaving)
        self._healer = Healer(replica, transport, session)
        self._greeted_at: datetime | None = None
        self._forks = 0
        """Cycles in a row that met a restored server out of turn."""
        self._told: frozenset[str] = frozenset()
        """Scopes that the last hello named."""
        self._knows_both = True
        """Whether the server takes both in one request."""
        self._broke_off = False
        """The last request for both brought no answer."""
        self._stuck = 0
        """How far changes were kept from leaving, by a push alone without an answer or a server that is busy again."""
        self._refusal: Refused | None = None
        """Of a whole batch in this cycle: it stops nothing else."""
        self.reached_end = False
        """Whether the last cycle did all that it could, also when a refusal came out of it then."""
        self.is_text_due: Callable[[], bool] = lambda: False
        """Whether edits or news have to go between two slices of a scope."""
        self._is_called = False
        """The server has something for this device to do, and tells it in hello."""

    def sync(self, *, progress: Progress = unheard, with_photos: bool = True) -> Report:
        """Run one cycle. Raises what stopped it: ServerUnreachable, ServerBusy, SessionExpired, ContractMismatch.

        Without photos it is text alone: their bytes are the business of a thread of their own (`photo_lane`). A push
        that the server refuses as a whole stops nothing else: its Refused is raised at the end of the cycle.
        """
        self._progress, self._takes_photos_along, self.reached_end = progress, with_photos, False
        report = Report()
        try:
            return self._cycle(report)
        except (Refused, SessionExpired) as refusal:
            if isinstance(refusal, Refused) and refusal.code == "fork":  # restored once more, or not meant for this
                self._greeted_at = None
                wait_s, self._forks = AGAIN_S * 2.0 ** min(self._forks, MOST_DOUBLED), self._forks + 1
                raise ServerBusy(wait_s, refusal.sentence) from refusal
            is_revoked = isinstance(refusal, SessionExpired) or refusal.code == "device_revoked"
            if is_revoked and self._obedience.ask_standing():
                self._obey(report)
            raise
        except ServerUnreachable:
            self._greeted_at = None  # whoever answers next time may be another server, or one that was restored
            raise
        finally:
            self._progress = unheard

    def _cycle(self, report: Report) -> Report:
        self._refusal, self._outgoing.is_put_off = None, False
        self._greet(report)
        self._obey(report)
        try:
            self._exchange(report)
        except ContractMismatch:
            self._push_all(report)  # whoever is too old to pull may send what he has
            raise
        except Refused as restored:
            if restored.code != "fork":
                raise
            self._hello(report, is_refused=True)  # the server was restored since the last one
            self._progress(report)
            self._exchange(report)
        self._broke_off, self._stuck = False, self._stuck + 1 if self._outgoing.is_put_off else 0
        if self._is_called:
            self._hello(report)
            self._obey(report)
        is_quiet = not report.pulled_rows and not report.bootstrapped
        report.filled = self._filler.fill(partial(self._progress, report))
        report.healed = self._healer.heal_what_differs(partial(self._progress, report), is_quiet=is_quiet)
        if self._blobs is not None and self._takes_photos_along:
            told = partial(self._progress, report)
            self._blobs.clear()
            report.blobs_sent = self._blobs.send_all(told)
            report.blobs_received = self._blobs.fetch_missing(told)
        self.reached_end, self._forks = True, 0
        if self._refusal is not None:
            raise self._refusal
        if self._outgoing.takes < MUTATION and self._outbox_state().count:
            raise ContractMismatch(OLDER_SERVER)
        return report

    def _greet(self, report: Report) -> None:
        """Say hello when the last one is over. A version that is too old for the server may still push its work."""
        if self._greeted_at is not None and timedelta() <= self._clock() - self._greeted_at < GREETING_LASTS:
            return
        try:
            self._hello(report)
        except ContractMismatch:
            self._push_all(report)
            raise
        self._progress(report)

    def _hello(self, report: Report, *, is_refused: bool = False) -> None:
        """Compare where both sides stand. `is_refused`: the server does not take the reading position any more."""
        state = self._replica.state()
        sent_at = self._clock()
        request = messages.HelloRequest(
            protocol=PROTOCOL,
            rows=ROWS,
            app_version=self._app_version,
            epoch=state.epoch or None,
            cursor=state.cursor,
            checkpoints=self._replica.checkpoints(),
            outbox=self._outbox_state(),
            lease_nonce=state.lease_nonce,
            confirmed=state.confirmations,
            device_time=instant_text(sent_at),
            log=state.log_line,
        )
        answer = self._session.run(lambda: self._transport.hello(request))
        measured = offset_ms(answer.server_time, sent_at=sent_at, received_at=self._clock())
        self._replica.remember(
            offset_ms=measured,
            last_sync_at=on_the_new_clock(state.last_sync_at, before_ms=state.offset_ms, now_ms=measured),
            lease_nonce=answer.lease_nonce,
            durable_seq=max(answer.durable_seq, state.durable_seq),
            lets_removals_pass=answer.lets_removals_pass,
            sites_left_out=answer.sites_left_out,
        )
        log_witness.heard(self._replica, state, answer.log, epoch=answer.epoch)
        is_late = answer.epoch == state.epoch and state.cursor is not None and not is_refused  # an answer from before
        if answer.fork is not None and not is_late:
            report.sent_again += self._begin_again(answer.fork, answer)
        if state.confirmations:
            self._obedience.confirmed(state.confirmations)
        self._obedience.welcomed(answer.device_commands, nonce=state.lease_nonce)
        self._is_called = False
        self._replica.outbox.purge(durable_seq=self._replica.state().durable_seq)
        self._greeted_at, self._knows_both, self._outgoing.takes = sent_at, True, answer.mutations
        self._told = frozenset(answer.scopes)

    def _obey(self, report: Report) -> None:
        """Do what the organization wants of this device; ends the cycle with Recalled when that closes it."""
        self._obedience.obey(
            verify=self._healer.check_all,
            send_all=partial(self._send_all, report),
            told=partial(self._progress, report),
        )

    def _send_all(self, report: Report) -> None:
        """Send what goes in the ordinary way. A device that was revoked is refused; what is left is sealed then."""
        try:
            self._push_all(report)
            if self._blobs is not None:
                self._blobs.send_all(partial(self._progress, report))
        except (EnvironmentFailure, Refused, SessionExpired):
            return

    def _begin_again(self, fork: messages.Fork, answer: messages.HelloAnswer) -> int:
        """The server was restored: everything that it has lost is sent again. Gives how many changes that are."""
        told = Fork(answer.epoch, fork.common_seq, cursor=fork.cursor, durable_seq=answer.durable_seq)
        return self._replica.begin_again(told)

    def _outbox_state(self) -> messages.OutboxState:
        with self._replica.read() as reading:
            return outbox.state_of(reading.cursor)

    def _exchange(self, report: Report) -> None:
        """Push everything and pull, then fetch the scopes that are new."""
        self._trade(report)
        self._fetch_scopes(report)

    def _fetch_scopes(self, report: Report) -> None:
        """Fetch the scopes that are new, and pull what changed while they were fetched."""
        for _ in range(messages.MAX_SCOPES):
            scopes = self._replica.state().bootstrap
            if not scopes:
                return
            if not self._told.issuperset(scopes):
                self._hello(report)  # the server writes down what it grants before it is fetched
            self._bootstrap(scopes[0], report)
            self._pull(report)

    def _trade(self, report: Report) -> None:
        """Push everything and pull: in one round trip when it is little. The refusal of a whole batch is kept.

        What kept changes from leaving before keeps no news from coming now: these are asked for first. Changes go in
        small batches then, which pass a slow line and whoever turns large requests away.
        """
        is_stuck = self._outgoing.is_careful = self._stuck >= STUCK
        if is_stuck:
            self._stuck = 0  # on a line that carries no news either changes go first the next time
            self._pull(report)
        batch = self._outgoing.next_batch()
        if batch is None:
            if not is_stuck:
                self._pull(report)
            return
        pushed = self._both_at_once(batch, report)
        if pushed is None:
            self._refusal = self._push_all(report, first=batch)
            self._pull(report)
        elif pushed.is_settled or pushed.resend_from is not None:
            before = report.pushed
            self._refusal = self._push_all(report, resend_from=pushed.resend_from)
            if report.pushed != before:
                self._pull(report)

    def _both_at_once(self, batch: SealedBatch, report: Report) -> answers.Pushed | None:
        """Push and pull in one request, and apply both; None: they have to be asked one by one.

        So it is for more than a little, and when one of the two is refused. Asking again is sound whatever became of
        the first request: stored verdicts come again.
        """
        if len(batch.mutations) > AT_ONCE or self._broke_off or self._outgoing.is_careful or not self._knows_both:
            return None
        state = self._replica.state()
        request = messages.SyncRequest(push=batch.request(), pull=_asking(state))
        try:
            lines = self._session.run(lambda: list(self._transport.sync(request)))
            pushed, pulled = answers.taken_apart(lines, batch.mutation_ids, state)
        except Refused as refusal:
            self._knows_both = refusal.code != "not_found"  # a server from before there was such a request
            return None
        except ServerUnreachable:
            self._broke_off = True  # on a line that carries no long answer the verdicts come alone, the next time
            raise
        except ServerBusy as problem:
            self._note_stuck(problem)
            raise
        self._outgoing.take_verdicts(pushed.verdicts, report, self._progress)
        if self._apply(pulled, state, report):
            self._pull(report)
        return pushed

    def _push_all(
        self, report: Report, *, first: SealedBatch | None = None, resend_from: int | None = None
    ) -> Refused | None:
        try:
            return self._outgoing.push_all(report, self._progress, first=first, resend_from=resend_from)
        except (ServerUnreachable, ServerBusy) as problem:
            self._note_stuck(problem)
            raise

    def _note_stuck(self, problem: ServerUnreachable | ServerBusy) -> None:
        is_believed = isinstance(problem, ServerBusy) and not self._outgoing.is_careful
        self._stuck += 1 if is_believed else STUCK

    def _pull(self, report: Report) -> None:
        has_more = True
        while has_more:
            has_more = self._pull_once(report)

    def _pull_once(self, report: Report) -> bool:
        """Apply one answer; tell whether it moved the cursor and the server has more for the new one."""
        state = self._replica.state()
        try:
            lines = self._fetch(state)
        except Refused as refusal:
            if refusal.code != "cursor_invalid":
                raise
            self._replica.remember(cursor=None)
            state, report.restarted = self._replica.state(), True
            lines = self._fetch(state)
        return self._apply(lines, state, report)

    def _apply(self, lines: Sequence[answers.Line], state: SyncState, report: Report) -> bool:
        applied = self._replica.apply_pull(lines, since=state.cursor)
        report.pulled_rows += applied.rows
        report.pulled_seq = lines[-1][1]["seq"]
        self._is_called = bool(lines[-1][1].get("hello"))
        self._progress(report)
        return applied.more and self._replica.state().cursor != state.cursor

    def _fetch(self, state: SyncState) -> list[list[object]]:
        """Read a whole answer before the replica is touched: no network inside a transaction."""
        lines = self._session.run(lambda: list(self._transport.pull(_asking(state))))
        answers.require_pull(lines, state)
        return lines

    def _bootstrap(self, scope: str, report: Report) -> None:
        """Fetch a scope, and let edits and news go between its slices. Ends early when it is not ours any more."""
        with self._replica.bootstrapping(scope) as staging:
            while not staging.is_complete:
                try:
                    self._take_slices(staging, report)
                except Refused as refusal:
                    if refusal.code not in GONE:
                        raise
                    return  # lost meanwhile: the pull that follows says so
                if scope not in self._replica.state().bootstrap and not staging.is_complete:
                    return
        report.bootstrapped.append(scope)

    def _take_slices(self, staging: ScopeFetch, report: Report) -> None:
        """Take slices until the scope is complete, the server begins again, or text is due, which goes then."""
        fetch = partial(self._fetch_slice, staging.scope, self._replica.state().cursor)
        with closing(slices(fetch, staging.token, is_line_wanted=self.is_text_due)) as coming:
            for token, lines in coming:
                if token != staging.token:
                    break  # the server began again with the slice before
                before = staging.rows
                staging.add(answers.of_scope(decoded(lines), staging.scope))
                report.pulled_rows += staging.rows - before
                self._progress(report)
        if not staging.is_complete:
            self._trade(report)

    def _fetch_slice(self, scope: str, cursor: str | None, token: str | None) -> Slice:
        request = messages.BootstrapRequest(scope=scope, token=token, cursor=cursor)
        return self._session.run(lambda: list(self._transport.bootstrap(request)))
