"""What is entered in an organization's own fields of an order or an asset; each value is kept when it is left."""

from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.custom_fields import enter_value
from cmms_desktop.application.queries.custom_fields import Fields, fields_of
from cmms_desktop.application.queries.own_work import Thing
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext

_SHOWN: Final = frozenset({"custom_field", "custom_field_value", "work_order", "asset"})


class ValuesView(Protocol):
    """What shows them."""

    def show_fields(self, fields: Fields) -> None:
        """Show the fields and what is entered."""
        ...

    def show_refusal(self, field_id: str, sentence: str | None) -> None:
        """Say under a field why it does not take what was entered."""
        ...


class ValuesPresenter(Presenter):
    """Reads again whenever a field or a value changes."""

    def __init__(self, context: ScreenContext, view: ValuesView, about_id: str, *, about: Thing) -> None:
        """Show the fields of one order or asset in a view."""
        super().__init__(context)
        self._view, self._about_id, self._about = view, about_id, about
        self._values: dict[str, str] = {}

    def start(self) -> None:
        """Show them, and again whenever one changes."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("values", self._read, self._show)

    def enter(self, field_id: str, text: str) -> None:
        """Keep what was entered, where it is something else than what stands there."""
        if text.strip() == self._values.get(field_id, ""):
            self._view.show_refusal(field_id, None)
            return
        command = partial(enter_value, about_id=self._about_id, field_id=field_id, text=text, about=self._about)
        done, refused = partial(self._done, field_id), partial(self._refused, field_id)
        self.context.background.write(command, done, refused=refused)

    def _done(self, field_id: str, _: object) -> None:
        if not self._is_closed:
            self._view.show_refusal(field_id, None)

    def _refused(self, field_id: str, problem: CmmsError) -> None:
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._view.show_refusal(field_id, problem.sentence)

    def _read(self, reading: Reading) -> Fields:
        return fields_of(reading, self._about, self._about_id)

    def _show(self, fields: Fields) -> None:
        self._values = {line.id: line.value for line in fields.lines}
        self._view.show_fields(fields)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
