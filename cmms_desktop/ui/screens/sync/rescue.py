"""Writing a rescue file: where to, and what became of it. Plain Python; the file is written in the background."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from cmms_desktop.application.rescue import Rescued, rescue_path, write_rescue
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.text.rescue_words import rescued_words
from sync_server.contract.column_types import instant_text


@dataclass(frozen=True, slots=True)
class RescueState:
    """What the card shows. `path`: what is typed; None: it was not asked for yet."""

    path: str | None = None
    problem: str | None = None
    message: str = ""
    is_busy: bool = False


class RescueView(Protocol):
    """The card."""

    def show_state(self, state: RescueState) -> None:
        """Show a state."""
        ...


class RescuePresenter(Presenter):
    """One visit to the card."""

    def __init__(self, context: ScreenContext, view: RescueView) -> None:
        super().__init__(context)
        self._view = view
        self._state = RescueState()

    def begin(self) -> None:
        """Ask where to, with a suggestion."""
        who = self.context.session.signed_in
        suggest = partial(rescue_path, who.login, self.context.clock().date(), is_training=who.is_training)
        self.context.background.run(suggest, self.type_path)

    def type_path(self, path: str) -> None:
        """Take what is typed."""
        self._show(path=path, problem=None, message="")

    def leave(self) -> None:
        """Not now; what is being written is written, and told."""
        if not self._state.is_busy:
            self._show(path=None, problem=None)

    def write(self) -> None:
        """Write the file."""
        if self._state.is_busy or self._state.path is None:
            return
        self._show(is_busy=True, problem=None)
        made_at = instant_text(self.context.clock())
        work = partial(write_rescue, self.context.session, self._state.path, made_at=made_at)
        self.context.background.run(work, self._written, refused=self._refused)

    def _written(self, rescued: Rescued) -> None:
        message = rescued_words(rescued)
        if self._is_closed:
            self.context.navigator.toast(message)
        self._show(path=None, is_busy=False, message=message)

    def _refused(self, problem: CmmsError) -> None:
        if self._is_closed:
            self.context.navigator.complain(problem)
        self._show(is_busy=False, problem=problem.sentence)

    def _show(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        if not self._is_closed:
            self._view.show_state(self._state)
