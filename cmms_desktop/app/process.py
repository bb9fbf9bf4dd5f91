"""The process around the window: signals end it in good order, and what nobody caught does not end it at all."""

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal, Slot

from cmms_desktop.errors import Bug, CmmsError

log = logging.getLogger(__name__)

TURN_S: Final = 0.0005
"""How long a thread may run Python while another one waits to; the interpreter's own is ten times as long."""


class SignalWatch(QObject):
    """Hears SIGTERM and SIGINT while Qt's own loop runs, in which Python's handlers would not get their turn."""

    heard = Signal()

    def __init__(self) -> None:
        """Watch from now on, until `close`."""
        super().__init__()
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)
        self._fd_before = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _ignored) for number in (signal.SIGTERM, signal.SIGINT)}

    def close(self) -> None:
        """Leave signals as they were found."""
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._reading.close()
        self._writing.close()

    @Slot()
    def _wake(self) -> None:
        with suppress(BlockingIOError):
            if set(self._reading.recv(64)) & set(self._before):
                self.heard.emit()


def _ignored(number: int, frame: FrameType | None) -> None:
    """The number of the signal is on its way through the socket; a handler has to be there for that."""


class LastResort(QObject):
    """Takes exceptions that nobody caught, in any thread: logs them, tells a sentence, and the program goes on."""

    _caught = Signal(object)

    def __init__(self, complain: Callable[[CmmsError], None]) -> None:
        """Take over from now on, until `close`."""
        super().__init__()
        self._complain = complain
        self._caught.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._take
        threading.excepthook = self._take_from_thread

    def close(self) -> None:
        """Leave the hooks as they were found."""
        sys.excepthook, threading.excepthook = self._before

    def _take(self, kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, at)
            return
        from cmms_desktop.ui.bridge.background import UNEXPECTED

        log.error("nobody caught this", exc_info=(kind, error, at))
        self._caught.emit(error if isinstance(error, CmmsError) and not isinstance(error, Bug) else Bug(UNEXPECTED))

    @Slot(object)
    def _tell(self, problem: CmmsError) -> None:
        self._complain(problem)

    def _take_from_thread(self, told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            self._take(told.exc_type, told.exc_value, told.exc_traceback)


class ShortTurns:
    """Makes threads take short turns with the interpreter, from now on until `close`.

    While Qt lays out a page it asks Python hundreds of times, and may wait a whole turn of every other thread each
    time: 1,200 questions beside two busy threads took 140 to 340 ms, with short turns 20 to 31 (measured, two cores).
    """

    def __init__(self) -> None:
        self._before_s = sys.getswitchinterval()
        sys.setswitchinterval(TURN_S)

    def close(self) -> None:
        """Leave turns as they were found."""
        sys.setswitchinterval(self._before_s)
