"""Hears from the server that something changed, and lets the sync thread look. One thread, one connection of its own.

It never fetches, never renews the session, never writes: what it hears has no content. While it hears nothing, devices
ask by the clock as ever. It tells nobody how things stand: that is known from cycles.
"""

import logging
import math
import random
import threading
from collections.abc import Callable
from typing import Final, Protocol

from cmms_desktop.errors import CmmsError, Refused, ServerBusy, SessionExpired
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.sync.steady_time import Steady, SystemTime
from cmms_desktop.sync.transport import Transport

log = logging.getLogger(__name__)

FIRST_RETRY_S: Final = 1.0
LONGEST_RETRY_S: Final = 60.0
STOP_S: Final = 2.0


class Conversation(Protocol):
    """What is told of what was heard: the Scheduler."""

    def subscribe(self, listener: Callable[[SyncStatus], None]) -> Callable[[], None]:
        """Tell about changes of the status; the answer ends that."""
        ...

    def poked(self, seq: int) -> None:
        """Something changed at the server, up to a commit."""
        ...

    def reached_server(self) -> None:
        """The server answers."""
        ...


class PokeListener:
    """The thread. It begins to listen when the first cycle has gone well, and ends by `stop` only."""

    def __init__(
        self,
        conversation: Conversation,
        transport: Transport,
        *,
        token: Callable[[], str | None],
        pulled_seq: Callable[[], int],
        chance: Callable[[], float] = random.random,
        steady: Steady | None = None,
    ) -> None:
        """Put it together; `start` begins.

        Args:
            conversation: Is told of pokes.
            transport: A connection for this alone.
            token: Gives the access token that counts now; the sync thread renews it.
            pulled_seq: Gives the commit up to which everything was pulled.
            chance: Gives numbers from 0 to 1.
            steady: Time to wait by.
        """
        self._conversation, self._transport = conversation, transport
        self._token, self._pulled_seq, self._chance = token, pulled_seq, chance
        self._steady = steady or SystemTime()
        self._wake = threading.Condition()
        """Held while what follows is looked at or changed."""
        self._due_s = math.inf
        self._failures = 0
        self._refused_token: str | None = None
        self._was_online = False
        self._is_stopping = False
        self._is_live = False
        self._thread = threading.Thread(target=self._run, name="pokes", daemon=True)
        self._unsubscribe = conversation.subscribe(self._told)

    @property
    def is_live(self) -> bool:
        """Whether the server would be heard now."""
        return self._is_live

    def start(self) -> None:
        """Begin to wait for the first cycle."""
        self._thread.start()

    def end(self) -> None:
        """Let the thread end, in the middle of a stream if need be; from any thread."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify_all()
        self._unsubscribe()
        self._transport.hang_up()

    def stop(self) -> None:
        """End, and wait for it as long as a person would. Twice is fine."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _told(self, status: SyncStatus) -> None:
        """Try at once when the server is there again, or when the session was renewed."""
        if status.connection is Connection.SENDING:
            return
        is_online = status.connection is Connection.ONLINE
        with self._wake:
            is_renewed = self._refused_token is not None and self._token() != self._refused_token
            if is_online and (is_renewed or not self._was_online):
                self._due_s, self._refused_token = self._steady.seconds(), None
                self._wake.notify_all()
            self._was_online = is_online

    # ---- the thread

    def _run(self) -> None:
        while self._wait_until_due():
            try:
                self._listen()
            except Exception as problem:  # the thread goes on whatever happened: without it devices ask by the clock
                self._broke_off(problem)
            else:
                self._wait(FIRST_RETRY_S * self._chance())  # ended in good order: the token is over, or it stops
            self._is_live = False

    def _wait_until_due(self) -> bool:
        """Sleep until it is time to listen; False: the end."""
        with self._wake:
            while not self._is_stopping:
                left_s = self._due_s - self._steady.seconds()
                if left_s <= 0:
                    self._due_s = math.inf
                    return True
                self._steady.wait(self._wake, None if math.isinf(left_s) else left_s)
            return False

    def _listen(self) -> None:
        """Listen until the stream ends. Raises what broke it."""
        self._transport.access_token = self._token()
        is_first = True
        for seq in self._transport.events(after=self._pulled_seq()):
            if not self._is_live:
                self._is_live, self._failures = True, 0
                self._conversation.reached_server()
            if seq is None:
                continue
            known = self._pulled_seq()
            # the first one compares clocks: a restored server may stand behind what was pulled
            if seq > known or (is_first and seq != known):
                self._conversation.poked(seq)
            is_first = False

    def _broke_off(self, problem: Exception) -> None:
        if self._is_stopping:
            return
        match problem:
            case SessionExpired():
                with self._wake:
                    self._refused_token = self._transport.access_token or ""
                self._conversation.poked(self._pulled_seq() + 1)  # a cycle renews the session
                return
            case ServerBusy():
                self._wait(problem.retry_after_s * (1 + self._chance()))
                return
            case Refused(code="device_revoked"):
                self._conversation.poked(self._pulled_seq() + 1)  # a cycle finds out how this device stands
            case CmmsError():
                pass
            case _:
                log.error("listening for pokes failed", exc_info=problem)
        wait_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        self._wait(wait_s * (0.5 + self._chance()))

    def _wait(self, wait_s: float) -> None:
        with self._wake:
            self._due_s = min(self._due_s, self._steady.seconds() + wait_s)
