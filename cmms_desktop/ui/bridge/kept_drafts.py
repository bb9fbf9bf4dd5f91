"""Drafts in memory, written behind each change: whatever was typed is found again after the program died."""

import threading
from collections.abc import Callable

from cmms_desktop.application.session import Session


class KeptDrafts:
    """Drafts of one session. `later` runs a write in the background, in its turn."""

    def __init__(self, session: Session, *, later: Callable[[Callable[[], None]], None]) -> None:
        """Read what is there; this is done once, before the window opens."""
        self._session = session
        self._later = later
        self._known = session.notes()
        self._lock = threading.Lock()
        self._unwritten: dict[str, str | None] = {}

    def get(self, name: str) -> str | None:
        """Give a draft; None: there is none."""
        return self._known.get(name)

    def keep(self, name: str, text: str) -> None:
        """Keep a draft; empty text drops it."""
        if text == self._known.get(name, ""):
            return
        if text:
            self._known[name] = text
        else:
            self._known.pop(name, None)
        self._note(name, text or None)

    def drop(self, name: str) -> None:
        """Forget a draft."""
        self.keep(name, "")

    def _note(self, name: str, text: str | None) -> None:
        """Write at disk speed: what changes while one write is under way goes into the next."""
        with self._lock:
            is_first = not self._unwritten
            self._unwritten[name] = text
        if is_first:
            self._later(self._write)

    def _write(self) -> None:
        with self._lock:
            notes, self._unwritten = self._unwritten, {}
        self._session.keep_notes(notes)
