"""What leaves a device as text: changes are sealed, pushed batch after batch, and their verdicts written down.

Nothing here decides when; the engine does. Whatever stops it, the outbox keeps everything that has no verdict.
"""

from collections.abc import Sequence
from contextlib import closing
from functools import partial

from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.errors import Refused
from cmms_desktop.replica.sealing import SealedBatch
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync import answers, pushes
from cmms_desktop.sync.report import Progress, Report
from cmms_desktop.sync.session_keeper import SessionKeeper
from cmms_desktop.sync.transport import Transport
from sync_server.contract.messages import MAX_GROUP_MUTATIONS, MAX_PUSH_MUTATIONS, Verdict
from sync_server.contract.version import MUTATION

MAX_PUSHES = 10_000
"""Pushes of one cycle: far more than any outbox; a server that never settles anything ends the cycle."""
UNSENDABLE = (
    "The server asks for changes that this device cannot send. "
    "Yours are kept; write a rescue file for your administrator."
)


def _has_overtaken(answer: answers.Pushed | Refused, before: answers.Pushed | Refused | None) -> bool:
    """Whether a batch only came before the one that it follows, which is settled by now: nothing is missing then."""
    if isinstance(answer, Refused) or not isinstance(before, answers.Pushed):
        return False
    is_unlooked_at = answer.resend_from is not None and not any(v.status in answers.SETTLED for v in answer.verdicts)
    return is_unlooked_at and before.resend_from is None and before.is_settled


def _nothing_after(batch: SealedBatch) -> None:
    """A batch that goes alone."""


class Outgoing:
    """The outbox of one replica on its way. One thread runs it."""

    def __init__(self, replica: Replica, transport: Transport, session: SessionKeeper, signer: DeviceSigner) -> None:
        self._replica = replica
        self._transport = transport
        self._session = session
        self._signer = signer
        self.takes = MUTATION
        """Newest version of a mutation that the server takes, as the last hello said."""
        self.is_careful = False
        """Whether batches are small, no more than a group needs, and go one by one: two would share a slow line."""
        self.is_put_off = False
        """Whether the server had no time for changes of the last push, and wants them again."""

    def next_batch(self, *, resend_from: int | None = None, after_seq: int = 0) -> SealedBatch | None:
        """Seal what the next push sends; None: nothing waits that may be sent."""
        return self._replica.seal_next(
            sign=self._signer.sign_statement,
            limit=MAX_GROUP_MUTATIONS if self.is_careful else MAX_PUSH_MUTATIONS,
            resend_from=resend_from,
            after_seq=after_seq,
            newest=self.takes,
        )

    def push_all(
        self, report: Report, told: Progress, *, first: SealedBatch | None = None, resend_from: int | None = None
    ) -> Refused | None:
        """Push until nothing is left that may be sent. Gives the refusal of a whole batch, which stays here.

        A server that misses what this device has not, or asks twice for the same, is a refusal as well.

        Args:
            report: Gets the counts.
            told: Told after each batch; what it raises ends it there.
            first: What `next_batch` gave just now.
            resend_from: device_seq that the server asked for.
        """
        self.is_put_off = False
        for _ in range(MAX_PUSHES):
            batch, first = first or self.next_batch(resend_from=resend_from), None
            if batch is None:
                return None if resend_from is None else Refused("chain_broken", UNSENDABLE)
            last = self._push_from(batch, report, told, is_alone=resend_from is not None)
            if isinstance(last, Refused):
                return last
            if last.resend_from is not None and last.resend_from == resend_from:
                return Refused("chain_broken", UNSENDABLE)
            if last.resend_from is None and not last.is_settled:
                self.is_put_off = True
                return None
            resend_from = last.resend_from
        return None

    def take_verdicts(self, verdicts: Sequence[Verdict], report: Report, told: Progress) -> None:
        """Write down what became of changes."""
        self._replica.record_verdicts(verdicts)
        report.pushed += sum(verdict.status in answers.SETTLED for verdict in verdicts)
        for verdict in verdicts:
            report.verdicts[verdict.status] = report.verdicts.get(verdict.status, 0) + 1
        told(report)

    def _push_from(
        self, batch: SealedBatch, report: Report, told: Progress, *, is_alone: bool
    ) -> answers.Pushed | Refused:
        """Push a batch, and unless it is alone those after it, as long as they are accepted; give the last answer.

        The answer to one that has overtaken another says nothing: it is sent again, and that alone.
        """
        following = _nothing_after if is_alone or self.is_careful else self._batch_after
        last: answers.Pushed | Refused | None = None
        with closing(pushes.answered(batch, following, self._send)) as coming:
            for answer in coming:
                if _has_overtaken(answer, last):
                    continue
                last = answer
                if not isinstance(answer, Refused):
                    self.take_verdicts(answer.verdicts, report, told)
        return answers.Pushed([]) if last is None else last

    def _batch_after(self, batch: SealedBatch) -> SealedBatch | None:
        return self.next_batch(after_seq=batch.seal.to_seq)

    def _send(self, batch: SealedBatch) -> answers.Pushed:
        answer = self._session.run(partial(self._transport.push, batch.request()))
        return answers.of_push(answer, batch.mutation_ids)
