"""Where the time goes: named functions are wrapped, and their calls counted and timed.

A stage's time holds that of the stages inside it; generators are timed while they work, not while they wait.
"""

import inspect
import json
import time
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Any


class Stages:
    """Calls and seconds by name of stage."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, float]] = {}
        self._adding = Lock()

    def watch(self, stage: str, owner: Any, name: str) -> None:
        """Time every call of a module's function or of a class's method from now on."""
        setattr(owner, name, self._timed(stage, getattr(owner, name)))

    def add(self, stage: str, seconds: float, *, calls: int = 1) -> None:
        """Add to a stage."""
        with self._adding:
            before_calls, before = self.found.get(stage, (0, 0.0))
            self.found[stage] = (before_calls + calls, before + seconds)

    def clear(self) -> None:
        """Forget everything so far."""
        self.found.clear()

    def lines(self) -> list[str]:
        """The stages by name, one line each."""
        return [f"  {stage:52} {calls:7} {seconds:8.3f} s" for stage, (calls, seconds) in sorted(self.found.items())]

    def write(self, path: Path) -> None:
        """Keep them for another process."""
        path.write_text(json.dumps(self.found))

    def read(self, path: Path) -> None:
        """Take over what another process kept."""
        self.found.update({stage: (calls, seconds) for stage, (calls, seconds) in json.loads(path.read_text()).items()})

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(function):
            return wraps(function)(lambda *args, **named: self._iterated(stage, function(*args, **named)))

        @wraps(function)
        def timed(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **named)
            finally:
                self.add(stage, time.perf_counter() - began)

        return timed

    def _iterated(self, stage: str, items: Iterator[Any]) -> Iterator[Any]:
        self.add(stage, 0.0)
        while True:
            began = time.perf_counter()
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                self.add(stage, time.perf_counter() - began, calls=0)
            yield item
