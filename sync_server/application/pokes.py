"""Pokes: telling devices that something changed for them, never what. One thread a process for all of them.

It reads the clocks of all organizations with listeners in one query, four times a second, and holds no connection
between two looks, however many listen. A poke that is lost costs nothing but time: devices ask by themselves, too.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sync_server.authz.visibility import Caller
from sync_server.errors import CmmsError, RetryLater
from sync_server.storage import watching
from sync_server.storage.engine import Database
from sync_server.storage.watching import ClockFace

log = logging.getLogger(__name__)

EVERY_S = 0.25
CHECK_EVERY_S = 20.0
"""How often revoked devices are looked for, and scopes that were granted meanwhile."""
SPREAD_S = 0.001
"""Between two devices that are poked for the same commit: 500 devices come within half a second, not at once."""
LONGEST_SPREAD_S = 20.0
MOST_LISTENERS = 20_000
"""In one process."""
FULL_RETRY_S = 60
RESTART_RETRY_S = 2


class Ear(Protocol):
    """Takes what a listener is told, in the thread of the pokes; it must be quick and never fail."""

    def poke(self, seq: int, after_s: float) -> None:
        """Something changed up to a commit: say so after a while."""
        ...

    def end(self) -> None:
        """Nothing more will come."""
        ...


@dataclass(eq=False, slots=True)
class Listener:
    """A device that listens. `known_seq`: the commit up to which it has pulled, until it was compared once."""

    caller: Caller
    ear: Ear
    known_seq: int | None
    scopes: frozenset[str] = frozenset()
    is_new: bool = True


@dataclass(eq=False)
class Pokes:
    """Who listens in this process, and the thread that looks for them. `seconds` is a steady clock."""

    database: Database
    seconds: Callable[[], float] = time.monotonic
    most: int = MOST_LISTENERS
    every_s: float = EVERY_S
    check_every_s: float = CHECK_EVERY_S
    _listeners: dict[tuple[str, str], Listener] = field(default_factory=dict)
    _seen: dict[str, ClockFace] = field(default_factory=dict)
    """Where the clocks stood at the last look."""
    _checked_s: float = float("-inf")
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _is_closed: bool = False
    _is_failing: bool = False

    def require_room(self) -> None:
        """Raise RetryLater when this process has as many listeners as it takes, or is about to end."""
        if self._is_closed:
            raise RetryLater("The server is about to stop.", retry_after_s=RESTART_RETRY_S)
        if len(self._listeners) >= self.most:
            raise RetryLater("The server has no room for another listener.", retry_after_s=FULL_RETRY_S)

    @contextmanager
    def listening(self, caller: Caller, ear: Ear, *, known_seq: int | None) -> Iterator[None]:
        """Tell an ear inside the block. A device has one: whoever listened for it before is ended."""
        listener, key = Listener(caller, ear, known_seq), (caller.organization_id, caller.device_id)
        with self._lock:
            before = self._listeners.get(key)
            if self._is_closed:
                ear.end()
            self._listeners[key] = listener
            if self._thread is None and not self._is_closed:
                self._seen = {}
                self._thread = threading.Thread(target=self._run, name="pokes", daemon=True)
                self._thread.start()
        if before is not None:
            before.ear.end()
        try:
            yield
        finally:
            with self._lock:
                if self._listeners.get(key) is listener:
                    del self._listeners[key]

    def open(self) -> None:
        """Take listeners, also after `close`."""
        with self._lock:
            self._is_closed = False

    def close(self, *, wait_s: float = 0.0) -> None:
        """End every listener and take no more: a server that stops would wait for them. Twice is fine.

        Waits so long for a look that is under way.
        """
        with self._lock:
            self._is_closed = True
            listeners = tuple(self._listeners.values())
            thread = self._thread
            self._lock.notify_all()
        for listener in listeners:
            listener.ear.end()
        if thread is not None and wait_s > 0:
            thread.join(wait_s)

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._is_closed or not self._listeners:
                    self._thread = None  # the next listener starts another one
                    return
            self._look_safely()
            with self._lock:
                if not self._is_closed:
                    self._lock.wait(self.every_s)

    def _look_safely(self) -> None:
        """Look; a database that is away is looked for again, and said once."""
        try:
            self.look()
        except Exception as problem:  # the thread goes on whatever happened
            if not self._is_failing and not self._is_closed:
                is_ours = isinstance(problem, CmmsError)
                log.warning("devices are not poked for a while", exc_info=None if is_ours else problem)
            self._is_failing = True
        else:
            self._is_failing = False

    def look(self) -> None:
        """Poke whom the clocks say to."""
        with self._lock:
            listeners = tuple(self._listeners.values())
        by_organization: dict[str, list[Listener]] = {}
        for listener in listeners:
            by_organization.setdefault(listener.caller.organization_id, []).append(listener)
        is_check = self.seconds() - self._checked_s >= self.check_every_s
        with self.database.transaction("worker", None, read_only=True) as connection:
            faces = watching.clocks(connection, sorted(by_organization))
        for organization_id, those in by_organization.items():
            gone = self._check(organization_id, [each for each in those if is_check or each.is_new])
            if organization_id in faces:
                self._poke(organization_id, faces[organization_id], [each for each in those if each not in gone])
        self._seen = faces
        if is_check:
            self._checked_s = self.seconds()

    def _check(self, organization_id: str, some: Sequence[Listener]) -> set[Listener]:
        """Learn the scopes of some devices; end and give those that count no more."""
        if not some:
            return set()
        with self.database.transaction("worker", organization_id, read_only=True) as connection:
            found = watching.standing(connection, organization_id, [each.caller.device_id for each in some])
        gone: set[Listener] = set()
        for each in some:
            scopes = found.get(each.caller.device_id)
            if scopes is None:
                each.ear.end()
                gone.add(each)
            else:
                each.scopes = frozenset(scopes)
        return gone

    def _poke(self, organization_id: str, face: ClockFace, those: Sequence[Listener]) -> None:
        before = self._seen.get(organization_id)
        if before == face and not any(each.is_new for each in those):
            return
        is_restored = before is not None and (before.epoch != face.epoch or before.seq > face.seq)
        changed: set[str] = set()
        if before is not None and not is_restored and before.seq < face.seq:
            scopes = frozenset[str]().union(*(each.scopes for each in those))
            with self.database.transaction("worker", organization_id, read_only=True) as connection:
                changed = watching.changed_scopes(connection, organization_id, scopes, since=before.seq)
        due = [each for each in those if is_restored or _is_due(each, face, changed)]
        step_s = min(SPREAD_S, LONGEST_SPREAD_S / max(1, len(due)))
        for number, each in enumerate(due):
            each.ear.poke(face.seq, number * step_s)


def _is_due(listener: Listener, face: ClockFace, changed: set[str]) -> bool:
    """Whether a device has to be poked; a new one is compared with what it knows, whatever its scopes are."""
    if listener.is_new:
        listener.is_new = False
        return listener.known_seq != face.seq
    return not changed.isdisjoint(listener.scopes)
