"""When things that failed are due again: a pause for each that doubles with every failure. Numbers in, answers out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

FIRST_S: Final = 30.0
"""Less than the time between two cycles: what came late for one is asked for in the next."""
LONGEST_S: Final = 900.0


@dataclass(frozen=True, slots=True)
class _Pause:
    until_s: float
    length_s: float
    sentence: str | None


class Pauses:
    """Pauses by name. `seconds`: a clock that is never set back. `end` may be called by any thread."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        """Begin without any."""
        self._seconds = seconds
        self._pauses: dict[str, _Pause] = {}

    def holds(self, name: str) -> bool:
        """Whether the pause of a name lasts still."""
        pause = self._pauses.get(name)
        return pause is not None and self._seconds() < pause.until_s

    def begin(self, name: str, sentence: str | None = None) -> None:
        """Begin a pause, twice as long as the one before; `sentence` says what is wrong."""
        before = self._pauses.get(name)
        length_s = min(before.length_s * 2, LONGEST_S) if before else FIRST_S
        self._pauses[name] = _Pause(self._seconds() + length_s, length_s, sentence)

    def forget(self, *names: str) -> None:
        """It went well."""
        for name in names:
            self._pauses.pop(name, None)

    def keep_only(self, names: Iterable[str]) -> None:
        """Forget all others."""
        wanted = set(names)
        self._pauses = {name: pause for name, pause in self._pauses.items() if name in wanted}

    def end(self) -> None:
        """Let everything be due now."""
        self._pauses = {}

    @property
    def sentences(self) -> dict[str, str]:
        """Name → what is wrong, of those that said it."""
        return {name: pause.sentence for name, pause in self._pauses.items() if pause.sentence is not None}
