"""Asks for what an update of this program has added to rows that are here: columns, and entities that it did not know.

Slice by slice; what stops it is made good in a later cycle, from where it stopped.
"""

import logging
from collections.abc import Callable
from functools import partial

from cmms_desktop.errors import Refused, ServerUnreachable
from cmms_desktop.replica.filling import is_answer
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.answers import MIXED_UP
from cmms_desktop.sync.session_keeper import SessionKeeper
from cmms_desktop.sync.transport import Transport
from sync_server.contract.messages import FillRequest

log = logging.getLogger(__name__)


class Filler:
    """Completes one replica after an update. One thread runs it."""

    def __init__(self, replica: Replica, transport: Transport, session: SessionKeeper) -> None:
        self._replica = replica
        self._transport = transport
        self._session = session

    def fill(self, told: Callable[[], None]) -> int:
        """Fill until nothing is lacking; give the rows that came. A refusal ends the round and changes nothing.

        Args:
            told: Called between two slices; what it raises ends the round.
        """
        count = 0
        while (request := self._replica.fill_request()) is not None:
            try:
                lines = self._session.run(partial(self._ask, request))
            except Refused as refusal:  # a scope that is lost, or a restore: the next pull says so
                log.info("what an update adds was not given yet: %s", refusal.code)
                return count
            if not is_answer(lines, request, self._replica.state()):
                raise ServerUnreachable(MIXED_UP)
            count += self._replica.apply_fill(lines, request)
            told()
        return count

    def _ask(self, request: FillRequest) -> list[list[object]]:
        return list(self._transport.fill(request))
