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
        self._holders: dict[str, int] = {}
        self._is_asked = False
        """A write is on its way."""

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

    def hold(self, thing: str, holder: object) -> bool:
        """Say who half enters things about a thing from now on. True: somebody else did since."""
        before, self._holders[thing] = self._holders.get(thing, id(holder)), id(holder)
        return before != id(holder)

    def write_rest(self) -> None:
        """Write what an earlier write could not, such as on a full disk; for the end of a session."""
        with self._lock:
            has_rest = bool(self._unwritten) and not self._is_asked
            self._is_asked = self._is_asked or has_rest
        if has_rest:
            self._later(self._write)

    def _note(self, name: str, text: str | None) -> None:
        """Write at disk speed: what changes while one write is under way goes into the next."""
        with self._lock:
            is_first, self._is_asked = not self._is_asked, True
            self._unwritten[name] = text
        if is_first:
            self._later(self._write)

    def _write(self) -> None:
        with self._lock:
            notes, self._unwritten, self._is_asked = self._unwritten, {}, False
        try:
            self._session.keep_notes(notes)
        except BaseException:
            with self._lock:  # the next change brings it along; what is newer wins
                self._unwritten = {**notes, **self._unwritten}
            raise
