"""A background that is slow to read: what is asked meanwhile is answered later, the newest question first."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from cmms_desktop.application.session import Reading, Session
from cmms_desktop.ui.bridge.doors import Refusal, Then
from tests.ui.stage import InlineBackground

T = TypeVar("T")


class SlowReader(InlineBackground):
    """Answers nothing while it is slow; two readers may end in either order."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.is_slow = False
        self._waiting: list[Callable[[], None]] = []

    def read(self, query: Callable[[Reading], T], then: Then[T], *, refused: Refusal | None = None) -> None:
        answer = partial(super().read, query, then, refused=refused)
        if self.is_slow:
            self._waiting.append(answer)
        else:
            answer()

    def answer_newest_first(self) -> None:
        """Be quick again."""
        self.is_slow = False
        while self._waiting:
            self._waiting.pop()()
