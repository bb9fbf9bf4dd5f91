"""Passwords: argon2id, the same time for unknown people, and a delay that grows with wrong tries."""

from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import CHEAPEST

FREE_TRIES = 3
"""Wrong passwords in a row before the delay starts."""
LONGEST_DELAY = timedelta(minutes=5)

_SERVING = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's smallest argon2id profile: 19 MiB, two passes."""
_CHEAP = PasswordHasher.from_parameters(CHEAPEST)


class Passwords:
    """Hashes and checks passwords. `cheap` is for demonstration and tests: it saves time and protects nothing."""

    def __init__(self, *, cheap: bool = False) -> None:
        """Choose the profile, and prepare the hash that unknown people are checked against."""
        self._hasher = _CHEAP if cheap else _SERVING
        self._nobody = self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        """Give the text to store."""
        return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Check a password; None (unknown person) takes as long and never matches."""
        try:
            return self._hasher.verify(stored or self._nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        """Whether a stored hash was made with weaker parameters and should be made anew."""
        return self._hasher.check_needs_rehash(stored)


def delay_after(failed_attempts: int) -> timedelta:
    """How long the next try has to wait: nothing at first, then 2, 4, 8 … seconds, at most 5 minutes."""
    if failed_attempts < FREE_TRIES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failed_attempts - FREE_TRIES + 1, 10)), LONGEST_DELAY)
