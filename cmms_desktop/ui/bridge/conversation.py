"""The sync thread as screens know it: its status in the GUI thread, a few times a second at most.

Starts no cycle by itself and decides nothing about one.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.errors import CmmsError
from cmms_desktop.sync.scheduler import Scheduler
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.bridge.doors import Refusal, Stop, Then
from cmms_desktop.ui.bridge.errands import Errands

TOLD_EVERY_MS = 250


def unheard(problem: CmmsError) -> None:
    """Whoever signs in again hears of his failure himself."""


class QtConversation(QObject):
    """A Conversation over a scheduler. Close it before the scheduler is stopped; made and used in the GUI thread."""

    _changed = Signal()

    def __init__(
        self,
        scheduler: Scheduler,
        *,
        sign_in: Callable[[str, str | None], None],
        choose: Callable[[NewPassword], None],
    ) -> None:
        """Listen to a scheduler. Both are slow and raise CmmsError.

        Args:
            scheduler: The sync thread.
            sign_in: Takes a password and perhaps a code, and starts a session.
            choose: Lets another password count.
        """
        super().__init__()
        self._scheduler = scheduler
        self._sign_in, self._choose = sign_in, choose
        self._listeners: list[Callable[[SyncStatus], None]] = []
        self._is_closed = False
        self._errands = Errands(complain=unheard)
        self._pause = QTimer(self, singleShot=True, interval=TOLD_EVERY_MS)
        self._pause.timeout.connect(self._tell)
        self._changed.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = scheduler.subscribe(self._note)
        self._status = scheduler.status  # after that: what comes between the two would be told to nobody

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

    def send_photos_now(self) -> None:
        """Send the photos that wait now, whatever the network costs."""
        self._scheduler.send_photos_now()

    def sign_in_again(self, password: str, *, code: str | None, then: Then[None], refused: Refusal) -> None:
        """Start a new session beside the work that goes on."""
        self._errands.run(partial(self._start_session, password, code), then, refused=refused)

    def choose_password(self, wanted: NewPassword, *, then: Then[None], refused: Refusal) -> None:
        """Change it beside the work that goes on."""
        self._errands.run(partial(self._choose, wanted), then, refused=refused)

    def close(self) -> None:
        """Hear and tell nothing any more."""
        self._is_closed = True
        self._pause.stop()
        self._unsubscribe()
        self._listeners.clear()
        self._errands.close(wait=False)

    # ---- other threads

    def _note(self, _: SyncStatus) -> None:
        """Wake the GUI thread; it reads the newest status itself, however many there were."""
        self._changed.emit()

    def _start_session(self, password: str, code: str | None) -> None:
        self._sign_in(password, code)
        self._scheduler.sync_now()

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

    def _forget(self, listener: Callable[[SyncStatus], None]) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
