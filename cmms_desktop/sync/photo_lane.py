"""The thread of photos: their bytes go and come on a connection of its own, after the text and never in its way.

A round begins when a cycle of the sync thread has sent what it could, so that whatever names a file is at the server
before its bytes. It ends between two chunks as soon as text is due, and the next such cycle begins it again. It never
renews the session and writes no row but the list of files; a store that is away keeps photos waiting and nothing else.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from cmms_desktop.errors import CmmsError, ServerBusy, ServerUnreachable, SessionExpired
from cmms_desktop.sync.blob_transfer import BlobTransfer
from cmms_desktop.sync.steady_time import Steady, SystemTime
from cmms_desktop.sync.transport import Transport

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

FIRST_RETRY_S: Final = 5.0
LONGEST_RETRY_S: Final = 300.0
STOP_S: Final = 2.0
UNEXPECTED: Final = "Photos are not sent just now. They are kept; tell your administrator."


class Listener(Protocol):
    """Who is told how photos are doing, in their thread: the Scheduler."""

    def photos_moved(self) -> None:
        """A file begins, a chunk has arrived, or a round is over."""
        ...

    def photos_in_trouble(self, sentence: str) -> None:
        """Something is wrong with photos alone."""
        ...

    def photos_went_well(self) -> None:
        """A round is complete, and nothing is wrong with any photo."""
        ...

    def renew_session(self) -> None:
        """The access token is over."""
        ...

    def wants_line(self) -> bool:
        """Whether text wants the line."""
        ...


class BorrowedSession:
    """Makes requests with the token of somebody else, who renews it."""

    def __init__(self, transport: Transport, token: Callable[[], str | None]) -> None:
        """Take a connection, and where the access token that counts now is to be had."""
        self._transport, self._token = transport, token

    def run(self, request: Callable[[], Answer]) -> Answer:
        """Make a request. Raises SessionExpired when the token is over, or there is none."""
        self._transport.access_token = self._token()
        return request()


@dataclass(slots=True)
class PhotoRule:
    """What keeps photos back. Every value may be set by any thread."""

    is_paused: bool = False
    """Somebody keeps them back."""
    is_metered: bool = False
    """Each byte of this network costs something."""
    sends_on_metered: bool = False
    """They may cost something."""
    is_hurried: bool = False
    """Those that wait now may, too."""

    @property
    def is_waiting_for_unmetered(self) -> bool:
        """Whether only the network keeps them back."""
        return self.is_metered and not (self.sends_on_metered or self.is_hurried or self.is_paused)

    @property
    def may_go(self) -> bool:
        """Whether nothing keeps them back."""
        return not (self.is_paused or self.is_waiting_for_unmetered)


class PhotoLane:
    """The thread. It waits until it is told to begin, and ends by `stop` only."""

    def __init__(
        self,
        transfer: BlobTransfer,
        *,
        transport: Transport | None = None,
        steady: Steady | None = None,
    ) -> None:
        """Put it together; `start` begins.

        Args:
            transfer: Moves the bytes.
            transport: Its connection, which ends with it; None: somebody else ends it.
            steady: Time to wait by.
        """
        self.transfer = transfer
        self.rule = PhotoRule()
        self._transport, self._steady = transport, steady or SystemTime()
        self._listener: Listener | None = None
        self._wake = threading.Condition()
        """Held while what follows is looked at or changed."""
        self._is_wanted = False
        self._was_held_back = False
        """Something had to wait in this round, be it only for a moment."""
        self._is_stopping = False
        self._not_before_s = self._busy_until_s = float("-inf")
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="photos", daemon=True)
        transfer.may_go_on = self._may_go_on

    @property
    def is_this_thread(self) -> bool:
        """Whether the caller is the thread of photos."""
        return threading.current_thread() is self._thread

    def start(self, listener: Listener) -> None:
        """Begin to wait for the first cycle."""
        self._listener = listener
        self._thread.start()

    def begin(self) -> None:
        """Look what there is to send and fetch, unless a failure or a busy server asked for time."""
        with self._wake:
            self._is_wanted = self._steady.seconds() >= self._not_before_s
            self._wake.notify_all()

    def ask_again(self) -> None:
        """Forget failures: a person has asked, or the network is another one. A busy server still gets its time."""
        self.transfer.ask_again()
        with self._wake:
            self._not_before_s, self._failures = self._busy_until_s, 0

    def stop(self) -> None:
        """End, in the middle of a request if need be, and close the connection. Twice is fine."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify_all()
        if self._transport is not None:
            self._transport.hang_up()
        if self._thread.is_alive():
            self._thread.join(STOP_S)
        if self._transport is not None and not self._thread.is_alive():
            self._transport.close()

    # ---- the thread

    def _run(self) -> None:
        while (listener := self._wait_until_wanted()) is not None:
            try:
                is_complete = self._round(listener)
            except Exception as problem:  # the thread goes on whatever happened; text is another one's
                self._broke_off(problem, listener)
            else:
                self._failures = 0
                if is_complete:
                    self.rule.is_hurried = False
                if is_complete and not self.transfer.problems:
                    listener.photos_went_well()
            if not self._is_stopping:
                listener.photos_moved()

    def _wait_until_wanted(self) -> Listener | None:
        """Sleep until a round is due; None: the end."""
        with self._wake:
            while not (self._is_stopping or self._is_wanted):
                self._steady.wait(self._wake, None)
            self._is_wanted = False
            return None if self._is_stopping else self._listener

    def _round(self, listener: Listener) -> bool:
        """Send and fetch until nothing is left, or text is due; tell which. Raises what broke it."""
        self._was_held_back = False
        self.transfer.clear()
        while self._may_go_on():
            self.transfer.send_all(listener.photos_moved)
            self.transfer.fetch_missing(listener.photos_moved)
            for sentence in dict.fromkeys(self.transfer.problems.values()):
                listener.photos_in_trouble(sentence)
            if not self.transfer.has_more:
                break
        return not self._was_held_back

    def _may_go_on(self) -> bool:
        is_text_due = self._listener is not None and self._listener.wants_line()
        may_go_on = not (self._is_stopping or is_text_due) and self.rule.may_go
        self._was_held_back |= not may_go_on
        return may_go_on

    def _broke_off(self, problem: Exception, listener: Listener) -> None:
        if self._is_stopping:
            return
        wait_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._failures, 16))
        match problem:
            case SessionExpired():
                listener.renew_session()
                wait_s = wait_s if self._failures else 0.0
            case ServerBusy():
                wait_s = problem.retry_after_s
            case ServerUnreachable():
                pass
            case CmmsError():
                listener.photos_in_trouble(problem.sentence)
            case _:
                log.error("sending photos failed", exc_info=problem)
                listener.photos_in_trouble(UNEXPECTED)
        with self._wake:
            self._failures += 1
            self._not_before_s = self._steady.seconds() + wait_s
            if isinstance(problem, ServerBusy):
                self._busy_until_s = self._not_before_s
