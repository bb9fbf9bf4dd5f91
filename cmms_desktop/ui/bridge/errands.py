"""Slow things that belong to no session, such as signing in: done in threads, answered in the GUI thread.

Loads nothing of the replica: a window has errands before it has a session.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from cmms_desktop.errors import Bug, CmmsError

if TYPE_CHECKING:
    from cmms_desktop.ui.bridge.doors import Refusal, Then

T = TypeVar("T")
log = logging.getLogger(__name__)


class Errands(QObject):
    """Runs errands; made and used in the GUI thread. `complain` takes every failure that nobody else takes."""

    _arrived = Signal(object)
    """A callable to be run in the GUI thread."""

    def __init__(self, *, threads: int = 1, complain: Refusal) -> None:
        super().__init__()
        self._complain = complain
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="errand")
        self._is_closed = False
        self._arrived.connect(self._run_here, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], T], then: Then[T] | None = None, *, refused: Refusal | None = None) -> None:
        """Do something slow; `then` or `refused` comes later, in the GUI thread."""
        if not self._is_closed:
            self._pool.submit(work).add_done_callback(partial(self._finish, then=then, refused=refused))

    def later(self, work: Callable[[], None]) -> None:
        """Do something slow that has no answer."""
        self.run(work)

    def close(self, *, wait: bool = True) -> None:
        """Take no more errands and tell no more answers; `wait` for what is under way and was asked for."""
        self._is_closed = True
        self._pool.shutdown(wait=wait, cancel_futures=not wait)

    def _finish(self, future: Future[Any], *, then: Then[Any] | None, refused: Refusal | None) -> None:
        if future.cancelled() or self._is_closed:
            return
        problem = future.exception()
        if problem is None:
            if then is not None:
                self._arrived.emit(partial(then, future.result()))
        elif isinstance(problem, CmmsError) and not isinstance(problem, Bug):
            self._arrived.emit(partial(refused or self._complain, problem))
        else:
            from cmms_desktop.ui.bridge.background import UNEXPECTED

            log.error("an errand failed", exc_info=problem)
            self._arrived.emit(partial(refused or self._complain, Bug(UNEXPECTED)))

    @Slot(object)
    def _run_here(self, callback: Callable[[], None]) -> None:
        if not self._is_closed:
            callback()
