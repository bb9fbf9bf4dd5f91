"""Tags of an order or an asset: those on it, and others within reach. Every press counts at once, network or not."""

from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.remarks import Remarked
from cmms_desktop.application.commands.tags import put_tag_on, take_tag_off
from cmms_desktop.application.queries.tags import TagChoice, tag_choice
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext

_SHOWN: Final = frozenset({"tag", "entity_tag", "work_order", "asset"})


class TagsView(Protocol):
    """What shows them."""

    def show_choice(self, choice: TagChoice) -> None:
        """Show what is on the thing, and what is offered."""
        ...

    def show_refusal(self, sentence: str | None) -> None:
        """Say under the field why a word was not taken."""
        ...

    def forget_word(self) -> None:
        """Empty the field: its word is on the thing."""
        ...


class TagsPresenter(Presenter):
    """Reads again whenever a tag changes."""

    def __init__(self, context: ScreenContext, view: TagsView, about_id: str, *, about: Remarked) -> None:
        """Show the tags of one order or asset in a view."""
        super().__init__(context)
        self._view, self._about_id, self._about = view, about_id, about
        self._on: frozenset[str] = frozenset()

    def start(self) -> None:
        """Show them, and again whenever one changes."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("tags", self._read, self._show)

    def turn(self, word: str) -> None:
        """Put a word on the thing, or take it off when it is there."""
        if word in self._on:
            command = partial(take_tag_off, about_id=self._about_id, name=word)
            self.context.background.write(command, self._done, refused=self._refused)
        else:
            self._put_on(word)

    def add(self, word: str) -> None:
        """Put a typed word on the thing."""
        self._put_on(word, is_typed=True)

    def _put_on(self, word: str, *, is_typed: bool = False) -> None:
        command = partial(put_tag_on, about_id=self._about_id, name=word, about=self._about)
        done = self._added if is_typed else self._done
        self.context.background.write(command, done, refused=self._refused)

    def _added(self, _: object) -> None:
        if not self._is_closed:
            self._view.forget_word()
            self._view.show_refusal(None)

    def _done(self, _: object) -> None:
        if not self._is_closed:
            self._view.show_refusal(None)

    def _refused(self, problem: CmmsError) -> None:
        if self._is_closed:
            self.context.navigator.complain(problem)
            return
        self._view.show_refusal(problem.sentence)
        self.refresh()  # a chip that was pressed shows again what is there

    def _read(self, reading: Reading) -> TagChoice:
        return tag_choice(reading, self._about, self._about_id)

    def _show(self, choice: TagChoice) -> None:
        self._on = frozenset(choice.on)
        self._view.show_choice(choice)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
