"""Lets a command that is told to stop tidy up first: what it made for itself is gone before the process is."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def tidy_when_stopped() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into a SystemExit of 128 + the signal, as shells have it; only in the main thread.

    Never 0, because the work is not done. A second signal does not disturb the tidying.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        for each in STOPS:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
