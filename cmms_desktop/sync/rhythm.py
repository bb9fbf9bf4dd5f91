"""When the next cycle is due. Numbers in, a number out: no thread, no clock, no network.

All instants are seconds of a steady clock that the caller brings.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

EVERY_S: Final = 60.0
"""Between two cycles when nothing is written here."""
SPREAD: Final = 0.2
"""So much more or less, by chance: ten thousand devices must not ask in the same second."""
QUIET_S: Final = 1.0
"""A cycle begins so long after the last of several edits …"""
PATIENCE_S: Final = 3.0
"""… and no later than this after the first."""
FIRST_RETRY_S: Final = 5.0
LONGEST_RETRY_S: Final = 300.0
RETRY_AFTER_EDIT_S: Final = 30.0
"""While the server is away an edit asks again after this, counted from the last try: somebody is at work and moves."""
POKED_S: Final = 0.05
"""A poke brings a cycle within this, by chance; the server itself pokes many devices one after another."""
POKED_EVERY_S: Final = 0.5
"""Between the end of a cycle and the next one that only a poke asks for: what comes in a row is fetched together."""
NUDGED_S: Final = 1.0
"""A server that was away and is heard again is asked within this, by chance."""


@dataclass(slots=True)
class Rhythm:
    """What happened so far, and what follows from it. `chance` gives a number from 0 to 1."""

    chance: Callable[[], float]
    _regular_s: float = 0.0
    _asked_s: float = math.inf
    _written_s: float = math.inf
    _poked_s: float = math.inf
    _first_edit_s: float | None = None
    _tried_s: float = 0.0
    _failures: int = 0
    _not_before_s: float = 0.0
    """A busy server is left alone until then."""
    _is_signed_out: bool = False

    @property
    def due_s(self) -> float:
        """When the next cycle begins; infinity: not before somebody asks for it."""
        if self._is_signed_out:
            return math.inf
        return max(self._not_before_s, min(self._regular_s, self._asked_s, self._written_s, self._poked_s))

    def began(self) -> None:
        """Take what was asked for and written so far into the cycle that begins now."""
        self._asked_s = self._written_s = self._poked_s = math.inf
        self._first_edit_s = None

    def take_requests(self, now_s: float) -> bool:
        """Whether somebody edited, poked or asked, and it is due; then the cycle that is under way takes it up."""
        is_due = max(self._not_before_s, min(self._asked_s, self._written_s, self._poked_s)) <= now_s
        if is_due:
            self.began()
        return is_due

    def wrote(self, now_s: float) -> None:
        """Count a local edit."""
        if self._first_edit_s is None:
            self._first_edit_s = now_s
        if self._failures:
            self._written_s = max(now_s + QUIET_S, self._tried_s + RETRY_AFTER_EDIT_S)
        else:
            self._written_s = min(now_s + QUIET_S, self._first_edit_s + PATIENCE_S)

    def asked(self, now_s: float) -> None:
        """Begin at once, and wait as after a first failure if it fails; a busy server is left alone as it asked."""
        self._is_signed_out = False
        self._failures = 0
        self._asked_s = now_s

    def poked(self, now_s: float) -> None:
        """Something changed at the server: begin soon, once for all pokes that come until then.

        While cycles fail a poke shortens no wait.
        """
        if not self._failures:
            soon_s = max(now_s + POKED_S * self.chance(), self._tried_s + POKED_EVERY_S)
            self._poked_s = min(self._poked_s, soon_s)

    def forget_poke(self) -> None:
        """What the poke told of has been pulled."""
        self._poked_s = math.inf

    def reached_server(self, now_s: float) -> None:
        """The server is heard: when it was away, ask it soon."""
        if self._failures:
            self._regular_s = min(self._regular_s, now_s + NUDGED_S * self.chance())

    def network_changed(self, now_s: float) -> None:
        """The network is another one: a server that was away is asked soon, and waited for as after a first failure."""
        if self._failures:
            self._failures = 1
            self._regular_s = min(self._regular_s, now_s + NUDGED_S * self.chance())

    def went_well(self, now_s: float) -> None:
        """The cycle is complete, or stopped by something that asking more or less often does not change."""
        self._failures = 0
        self._next(now_s, EVERY_S)

    def failed(self, now_s: float) -> None:
        """Nobody answered, or the surroundings failed: wait longer each time."""
        wait_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        self._next(now_s, wait_s)

    def was_busy(self, now_s: float, retry_after_s: float) -> None:
        """The server asked for time; no edit and no person shortens it."""
        self._next(now_s, min(LONGEST_RETRY_S, retry_after_s) / (1 - SPREAD))
        self._not_before_s = self._regular_s

    def lost_session(self) -> None:
        """Nothing can be asked until a person has signed in, or asks for it all the same.

        Whoever asked during the cycle that tells this may have signed in meanwhile: he gets one of his own first.
        """
        self._failures = 0
        self._is_signed_out = math.isinf(self._asked_s)

    def _next(self, now_s: float, wait_s: float) -> None:
        self._tried_s = now_s
        self._regular_s = now_s + wait_s * (1 - SPREAD + 2 * SPREAD * self.chance())
