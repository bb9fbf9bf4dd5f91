"""The sync thread as screens know it: its status in the GUI thread, a few times a second at most.

Starts no cycle by itself and decides nothing about one.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from cmms_desktop.errors import Bug, CmmsError
from cmms_desktop.sync.scheduler import UNEXPECTED, Scheduler
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.bridge.doors import Refusal, Stop, Then

log = logging.getLogger(__name__)

TOLD_EVERY_MS = 250


class QtConversation(QObject):
    """A Conversation over a scheduler. Close it before the scheduler is stopped; made and used in the GUI thread."""

    _changed = Signal()
    _arrived = Signal(object)
    """A callable to be run in the GUI thread."""

    def __init__(self, scheduler: Scheduler, *, sign_in: Callable[[str], None]) -> None:
        """Listen to a scheduler. `sign_in` takes a password and starts a session; slow, raises CmmsError."""
        super().__init__()
        self._scheduler = scheduler
        self._sign_in = sign_in
        self._status = scheduler.status
        self._listeners: list[Callable[[SyncStatus], None]] = []
        self._is_closed = False
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="sign-in")
        self._pause = QTimer(self, singleShot=True, interval=TOLD_EVERY_MS)
        self._pause.timeout.connect(self._tell)
        self._changed.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._arrived.connect(self._run_here, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = scheduler.subscribe(self._note)

    # ---- the door

    @property
    def status(self) -> SyncStatus:
        """How things stand, as the screens were told last."""
        return self._status

    def on_status(self, listener: Callable[[SyncStatus], None]) -> Stop:
        """Tell about every change, at most four times a second."""
        self._listeners.append(listener)
        return partial(self._forget, listener)

    def sync_now(self) -> None:
        """Start a cycle as soon as possible."""
        self._scheduler.sync_now()

    def pause_photos(self, is_paused: bool) -> None:
        """Keep the bytes of photos back, or send them again."""
        self._scheduler.pause_photos(is_paused)

    def sign_in_again(self, password: str, *, then: Then[None], refused: Refusal) -> None:
        """Start a new session beside the work that goes on."""
        future = self._slow.submit(self._sign_in, password)
        future.add_done_callback(partial(self._signed_in, then=then, refused=refused))

    def close(self) -> None:
        """Hear and tell nothing any more."""
        self._is_closed = True
        self._pause.stop()
        self._unsubscribe()
        self._listeners.clear()
        self._slow.shutdown(wait=False, cancel_futures=True)

    # ---- other threads

    def _note(self, _: SyncStatus) -> None:
        """Wake the GUI thread; it reads the newest status itself, however many there were."""
        self._changed.emit()

    def _signed_in(self, future: Future[None], *, then: Then[None], refused: Refusal) -> None:
        if future.cancelled():
            return
        problem = future.exception()
        if problem is None:
            self._scheduler.sync_now()
            self._arrived.emit(partial(then, None))
        elif isinstance(problem, CmmsError) and not isinstance(problem, Bug):
            self._arrived.emit(partial(refused, problem))
        else:
            log.error("signing in again failed", exc_info=problem)
            self._arrived.emit(partial(refused, Bug(UNEXPECTED)))

    # ---- the GUI thread

    @Slot()
    def _hear(self) -> None:
        if not self._pause.isActive():
            self._tell()

    @Slot()
    def _tell(self) -> None:
        status = self._scheduler.status
        if self._is_closed or status is self._status:
            return
        self._status = status
        self._pause.start()
        for listener in tuple(self._listeners):
            listener(status)

    @Slot(object)
    def _run_here(self, callback: Callable[[], None]) -> None:
        if not self._is_closed:
            callback()

    def _forget(self, listener: Callable[[SyncStatus], None]) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
