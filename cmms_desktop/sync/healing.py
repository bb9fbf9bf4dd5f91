"""Compares what this device holds with the digests that the server told, and fetches again what differs (sync.md §7).

Only differing aggregates travel. The outbox is never touched: open changes are laid over whatever stands beneath.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from cmms_desktop.errors import Refused
from cmms_desktop.replica.integrity import Digest
from cmms_desktop.replica.removal_guard import GUARDED, WouldRemoveTooMuch
from cmms_desktop.replica.sync_state import SyncState
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync import answers
from cmms_desktop.sync.session_keeper import SessionKeeper
from cmms_desktop.sync.transport import Transport
from sync_server.contract import codec, messages
from sync_server.contract.column_types import instant_of

log = logging.getLogger(__name__)

MANY: Final = 3
"""Heals within a day after which a person is told."""
A_DAY: Final = timedelta(days=1)
A_WEEK: Final = timedelta(days=7)
"""Between two deep checks."""
LARGE: Final = 5_000
"""A scope of more aggregates is compared only in a cycle that brought nothing: reading all of it takes a while."""


BATCHES: Final = 10
"""So many batches of aggregates are read in one cycle for checksums: a few tenths of a second, then text may go."""


class Healer:
    """Keeps one replica the same as its server. One thread runs it."""

    def __init__(self, replica: Replica, transport: Transport, session: SessionKeeper) -> None:
        self._replica = replica
        self._transport = transport
        self._session = session
        self._compared: dict[str, Digest] = {}
        """Scope → digest that was told when it was last the same here."""
        self._epoch = ""
        self._stopped: dict[str, Digest] = {}
        """Scope → digest that was told when a heal of it was stopped; not asked again for the same one."""
        self._altered: set[str] = set()
        """Aggregates whose content is not what the server sent, to be healed."""
        self._checked_up_to = ""
        """Where the deep check goes on."""
        self._lacks_sums = True
        """Whether checksums may have to be computed."""
        self.is_deep_check_due = replica.was_killed
        """Whether all content is compared with its checksums in the next cycle: after a crash, or on command."""

    def check_all(self) -> None:
        """Let the next cycles compare all content with its checksums."""
        self.is_deep_check_due = True

    def heal_what_differs(self, told: Callable[[], None], *, is_quiet: bool) -> int:
        """Compare the scopes whose digests are new, and heal those that differ; give the rows that were put right.

        Does nothing while a scope is still to be fetched. What the server would take away at once stays, and is told.

        Args:
            told: Called between two steps; what it raises ends the round.
            is_quiet: Nothing came in this cycle: there is time for what takes a while.
        """
        state = self._replica.state()
        if state.bootstrap or not state.digests:
            return 0
        if state.epoch != self._epoch:
            self._epoch = state.epoch
            self._compared.clear()
            self._stopped.clear()
        if state.lets_removals_pass:
            self._stopped.clear()
        due = {
            scope: digest
            for scope, digest in state.digests.items()
            if digest not in (self._compared.get(scope), self._stopped.get(scope)) and (is_quiet or digest[1] <= LARGE)
        }
        self._check_content(state, told, is_quiet=is_quiet)
        differing = set(self._replica.differing_scopes(due) if due else ())
        if self._altered:
            differing |= self._replica.scopes_with(self._altered)
        count = self._heal_all(sorted(differing), told) if differing else 0
        self._compared |= {scope: digest for scope, digest in due.items() if scope not in differing}
        is_same = all(self._compared.get(scope) == digest for scope, digest in state.digests.items())
        if state.settled_epoch != state.epoch and is_same:
            self._replica.remember(settled_epoch=state.epoch)
        self._lacks_sums = self._lacks_sums or not is_quiet or count > 0
        for _ in range(BATCHES if is_quiet and self._lacks_sums else 0):
            self._lacks_sums = self._replica.fill_sums()
            told()
            if not self._lacks_sums:
                break
        return count

    def _check_content(self, state: SyncState, told: Callable[[], None], *, is_quiet: bool) -> None:
        """Go on with the deep check when it is due."""
        now = self._replica.now()
        if state.deep_checked_at is None and is_quiet:
            self._replica.remember(deep_checked_at=now)
        elif state.deep_checked_at is not None and not _is_within(A_WEEK, state.deep_checked_at, now):
            self.is_deep_check_due = self.is_deep_check_due or is_quiet
        for _ in range(BATCHES if self.is_deep_check_due else 0):
            altered, after = self._replica.altered(after=self._checked_up_to)
            self._altered.update(altered)
            self._checked_up_to = after or ""
            if after is None:
                self.is_deep_check_due = False
                self._replica.remember(deep_checked_at=now)
                break
            told()

    def _heal_all(self, scopes: Sequence[str], told: Callable[[], None]) -> int:
        """Heal scopes one after another; what an earlier one has put right is not fetched again.

        What has to be put right after a restore is expected and does not count.
        """
        state = self._replica.state()
        heals = self._heals(state) if state.settled_epoch == state.epoch else state.heals
        if heals != state.heals:
            self._replica.remember(heals=heals)
            if len(heals) >= MANY:
                self._replica.notify("healing", count=len(heals))
        count = 0
        for scope in scopes:
            here = self._replica.digests_of(scope)
            right = {id_: digest for id_, digest in here.items() if id_ not in self._altered}
            count += self._heal(scope, right, heals=len(heals))
            self._altered -= here.keys()
            told()
        return count

    def _heal(self, scope: str, here: dict[str, int], *, heals: int) -> int:
        """Heal one scope; `here`: what is right of it so far as is known. A refusal changes nothing."""
        state = self._replica.state()
        request = messages.VerifyRequest(scope=scope, aggregates=codec.pack_digests(here), heals_today=heals)
        log.info("a part of the local store differs from the server; it is fetched again")
        try:
            lines = self._session.run(lambda: list(self._transport.verify(request)))
            answers.require_heal(lines, scope, state)
            healed = self._replica.heal(lines, scope=scope)
        except WouldRemoveTooMuch as problem:
            if state.settled_epoch == state.epoch:
                self._replica.notify(GUARDED, count=problem.count)
                self._stopped[scope] = (state.digests or {}).get(scope, (0, 0))
            else:
                self._replica.remember(cursor=None)  # a restore may take much away: all of it is read afresh
            return 0
        except Refused:
            return 0
        return healed.rows + healed.removed

    def _heals(self, state: SyncState) -> tuple[str, ...]:
        """When records had to be fetched within a day, now included."""
        now = self._replica.now()
        return (*(each for each in state.heals if _is_within(A_DAY, each, now)), now)


def _is_within(span: timedelta, instant: str, now: str) -> bool:
    then: datetime = instant_of(instant)
    return timedelta() <= instant_of(now) - then < span
