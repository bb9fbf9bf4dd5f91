"""What the demonstration says: sentences for people or one JSON object for programs, never both on one stream."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta


class StoryClock:
    """The device's clock in the demonstration: it goes only when the story says so."""

    def __init__(self, begins_at: datetime) -> None:
        """Start at an aware instant."""
        self._now = begins_at

    def __call__(self) -> datetime:
        """The time of the story. Each look takes a millisecond, so that no two instants are alike."""
        self._now += timedelta(milliseconds=1)
        return self._now

    def advance(self, *, minutes: float) -> None:
        """Let time pass."""
        self._now += timedelta(minutes=minutes)


def teller(clock: StoryClock, *, as_json: bool) -> Callable[[str], None]:
    """Give what tells a sentence: to standard output, or to standard error when that is kept for JSON."""
    stream = sys.stderr if as_json else sys.stdout

    def tell(sentence: str) -> None:
        print(f"{clock():%H:%M}  {sentence}", file=stream, flush=True)

    return tell


def counted(count: int, thing: str) -> str:
    """Say how many there are: no orders, 1 order, 25 orders."""
    return f"{count or 'no'} {thing}{'' if count == 1 else 's'}"
