"""Compares what this device holds with the digests that the server told, and fetches again what differs (sync.md §7).

Only differing aggregates travel. The outbox is never touched: open changes are laid over whatever stands beneath.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from cmms_desktop.errors import Refused
from cmms_desktop.replica.integrity import Digest
from cmms_desktop.replica.removal_guard import WouldRemoveTooMuch
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
LARGE: Final = 5_000
"""A scope of more aggregates is compared only when its digest is told for the first time in a run of this program …"""
EVERY: Final = 10
"""… and at every tenth change of it: reading all of it takes a while."""


class Healer:
    """Keeps one replica the same as its server. One thread runs it."""

    def __init__(self, replica: Replica, transport: Transport, session: SessionKeeper) -> None:
        self._replica = replica
        self._transport = transport
        self._session = session
        self._compared: dict[str, Digest] = {}
        """Scope → digest that was told when it was last compared, or passed over."""
        self._passed_over: dict[str, int] = {}

    def heal_what_differs(self, told: Callable[[], None]) -> int:
        """Compare the scopes whose digests are new, and heal those that differ; give the rows that were put right.

        Does nothing while a scope is still to be fetched. What the server would take away at once stays, and is told.
        """
        state = self._replica.state()
        if state.bootstrap or not state.digests:
            return 0
        due = self._due(state.digests)
        differing = self._replica.differing_scopes(due) if due else ()
        count = sum(self._heal(scope, self._replica.state(), told) for scope in differing)
        self._compared |= {scope: digest for scope, digest in due.items() if scope not in differing}
        return count

    def _due(self, told: Mapping[str, Digest]) -> dict[str, Digest]:
        due = {}
        for scope, digest in told.items():
            if self._compared.get(scope) == digest:
                continue
            passed = self._passed_over.get(scope, EVERY)
            if digest[1] > LARGE and passed < EVERY:
                self._passed_over[scope] = passed + 1
            else:
                self._passed_over[scope] = 1
                due[scope] = digest
        return due

    def _heal(self, scope: str, state: SyncState, told: Callable[[], None]) -> int:
        """Heal one scope. A server from before there was such a request, or a refusal, changes nothing."""
        heals = self._heals(state)
        request = messages.VerifyRequest(
            scope=scope, aggregates=codec.pack_digests(self._replica.digests_of(scope)), heals_today=len(heals)
        )
        log.info("a part of the local store differs from the server; it is fetched again")
        try:
            lines = self._session.run(lambda: list(self._transport.verify(request)))
            answers.require_heal(lines, scope, state)
            healed = self._replica.heal(lines, scope=scope)
        except WouldRemoveTooMuch as problem:
            self._replica.notify("guarded", count=problem.count)
            return 0
        except Refused:
            return 0
        self._replica.remember(heals=heals)
        if len(heals) >= MANY:
            self._replica.notify("healing", count=len(heals))
        told()
        return healed.rows + healed.removed

    def _heals(self, state: SyncState) -> tuple[str, ...]:
        """When records had to be fetched within a day, now included."""
        now = self._replica.now()
        return (*(each for each in state.heals if _is_within_a_day(each, now)), now)


def _is_within_a_day(instant: str, now: str) -> bool:
    then: datetime = instant_of(instant)
    return timedelta() <= instant_of(now) - then < A_DAY
