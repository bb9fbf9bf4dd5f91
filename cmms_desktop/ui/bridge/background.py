"""The one bridge to the background: threads do the work, queued signals bring the answers into the GUI thread.

Three kinds of work, each in its own threads: writes one after another, reads two at a time, and whatever else is slow.
Whoever asked for a piece of work hears its outcome before anybody hears of the rows that it changed: a page that shows
what came of a press is one that takes the next press.
It knows no screen and decides nothing; what stops a piece of work becomes a sentence somewhere else.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from cmms_desktop.application.session import Key, LocalWrite, Reading, Session
from cmms_desktop.errors import Bug, CmmsError
from cmms_desktop.ui.bridge.doors import Refusal, Stop, Then

T = TypeVar("T")
log = logging.getLogger(__name__)

SLOW_THREADS = 4
"""A receiver may be asked for half a minute, twice; photos and proofs must not wait behind it."""
TOUCHED_EVERY_MS = 100
"""Rows that changed are told at most this often: a sync of thousands of rows is a handful of refreshes."""
UNEXPECTED = "Something went wrong in this program. Try it once more, and tell your administrator what you did last."


class QtBackground(QObject):
    """A Background over one session. Close it before the session is closed."""

    _arrived = Signal(object)
    """A callable to be run in the GUI thread."""

    def __init__(self, session: Session, *, complain: Callable[[CmmsError], None]) -> None:
        """Start with the GUI thread's event loop; `complain` takes every failure that nobody else takes."""
        super().__init__()
        self._session = session
        self._complain = complain
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="read")
        self._slow = ThreadPoolExecutor(SLOW_THREADS, thread_name_prefix="slow")
        self._last_write: Future[Any] | None = None
        self._is_closed = False
        self._keys: set[Key] = set()
        self._keys_lock = threading.Lock()
        self._own = threading.local()
        self._listeners: list[Callable[[frozenset[Key]], None]] = []
        self._pause = QTimer(self, singleShot=True, interval=TOUCHED_EVERY_MS)
        self._pause.timeout.connect(self._tell_touched)
        self._waiting: deque[Callable[[], None]] = deque()
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._run_next)
        self._arrived.connect(self._queue, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = session.subscribe(self._collect)

    # ---- the doors of a presenter

    def read(self, query: Callable[[Reading], T], then: Then[T], *, refused: Refusal | None = None) -> None:
        """Run a query in one snapshot, after every write that was asked for before."""
        if self._is_closed:
            return
        self._submit(self._readers, partial(self._read_after, self._last_write, query), then, refused)

    def write(
        self,
        command: Callable[[LocalWrite], T],
        then: Then[T] | None = None,
        *,
        refused: Refusal | None = None,
        forgets: Iterable[str] = (),
    ) -> None:
        """Run a command in one durable write."""
        if self._is_closed:
            return
        self._last_write = self._submit(self._writer, partial(self._write, command, tuple(forgets)), then, refused)

    def run(self, work: Callable[[], T], then: Then[T] | None = None, *, refused: Refusal | None = None) -> None:
        """Run something slow."""
        if self._is_closed:
            return
        self._submit(self._slow, work, then, refused)

    def on_touched(self, listener: Callable[[frozenset[Key]], None]) -> Stop:
        """Tell which rows changed, in the GUI thread."""
        self._listeners.append(listener)
        return partial(self._forget, listener)

    # ---- for the rest of the bridge

    def keep(self, work: Callable[[], None]) -> None:
        """Run a write that is no command, such as a draft, in its turn."""
        if self._is_closed:
            return
        self._last_write = self._submit(self._writer, work, None, None)

    def close(self) -> None:
        """Finish what was asked for; nothing comes back any more."""
        self._is_closed = True
        self._turn.stop()
        self._unsubscribe()
        for pool in (self._writer, self._readers, self._slow):
            pool.shutdown(wait=True)

    # ---- threads

    def _read_after(self, write: Future[Any] | None, query: Callable[[Reading], T]) -> T:
        if write is not None:
            write.exception()  # waits; what it says was told to whoever asked for the write
        with self._session.reading() as reading:
            return query(reading)

    def _write(self, command: Callable[[LocalWrite], T], forgets: tuple[str, ...]) -> T:
        with self._session.writing() as write:
            found = command(write)
            self._session.forget_notes(write, forgets)
        return found

    def _submit(
        self, pool: ThreadPoolExecutor, work: Callable[[], T], then: Then[T] | None, refused: Refusal | None
    ) -> Future[T]:
        return pool.submit(self._carry_out, work, then, refused)

    def _carry_out(self, work: Callable[[], T], then: Then[T] | None, refused: Refusal | None) -> T:
        """Work, answer, and only then tell which rows this very work has changed."""
        changed: set[Key] = set()
        self._own.changed = changed
        try:
            found = work()
            if then is not None:
                self._bring(partial(then, found))
            return found
        except BaseException as problem:
            self._say(problem, refused)
            raise
        finally:
            self._own.changed = None
            self._note_changed(changed)

    def _say(self, problem: BaseException, refused: Refusal | None) -> None:
        if isinstance(problem, CmmsError) and not isinstance(problem, Bug):
            self._bring(partial(refused or self._complain, problem))
            return
        if not self._is_closed:
            log.error("a piece of background work failed", exc_info=problem)
        self._bring(partial(self._complain, Bug(UNEXPECTED)))
        if refused is not None:  # whoever waits for an answer must not wait for ever
            self._bring(partial(refused, Bug(UNEXPECTED)))

    def _bring(self, callback: Callable[[], None]) -> None:
        """Let the GUI thread run it in its turn."""
        if not self._is_closed:
            self._arrived.emit(callback)

    def _collect(self, keys: frozenset[Key]) -> None:
        """Hear of touched rows, in whichever thread wrote them."""
        own: set[Key] | None = getattr(self._own, "changed", None)
        if own is None:
            self._note_changed(keys)
        else:
            own |= keys

    def _note_changed(self, keys: AbstractSet[Key]) -> None:
        """Gather touched rows until the GUI thread tells of them."""
        with self._keys_lock:
            is_first = bool(keys) and not self._keys
            self._keys |= keys
        if is_first:
            self._bring(self._note_touched)

    # ---- the GUI thread

    @Slot(object)
    def _queue(self, callback: Callable[[], None]) -> None:
        """Answers often come together; between two of them the window draws, and hears whoever touches it."""
        self._waiting.append(callback)
        if not self._turn.isActive():
            self._turn.start()

    @Slot()
    def _run_next(self) -> None:
        callback = self._waiting.popleft()
        if not self._waiting:
            self._turn.stop()
        if not self._is_closed:
            callback()

    def _note_touched(self) -> None:
        if not self._pause.isActive():
            self._tell_touched()

    @Slot()
    def _tell_touched(self) -> None:
        with self._keys_lock:
            keys, self._keys = frozenset(self._keys), set()
        if not keys or self._is_closed:
            return
        self._pause.start()
        for listener in tuple(self._listeners):
            listener(keys)

    def _forget(self, listener: Callable[[frozenset[Key]], None]) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
