"""Making an order of a template at one asset: a press makes one order, a second press meanwhile none."""

from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.order_templates import make_order
from cmms_desktop.application.queries.order_templates import TemplateLine, templates_for
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.text.moments import duration

_SHOWN: Final = frozenset({"work_order_template", "asset", "site_access", "person_permission"})


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template in words. `detail`: how long it takes, where that is known."""

    id: str
    name: str
    detail: str


class MakingView(Protocol):
    """What shows it."""

    def show_rows(self, rows: tuple[TemplateRow, ...]) -> None:
        """Offer these."""
        ...


class MakingPresenter(Presenter):
    """What can be made at one asset."""

    def __init__(self, context: ScreenContext, view: MakingView, asset_id: str) -> None:
        """Offer it in a view."""
        super().__init__(context)
        self._view, self._asset_id = view, asset_id
        self._is_making = False

    def start(self) -> None:
        """Show what there is."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("templates", self._read, self._found)

    def make(self, template_id: str) -> None:
        """Make an order and go there."""
        if not self._is_making:
            self._is_making = True
            command = partial(make_order, template_id=template_id, asset_id=self._asset_id)
            self.context.background.write(command, self._made, refused=self._refused)

    def _read(self, reading: Reading) -> tuple[TemplateLine, ...]:
        asset = reading.get("asset", self._asset_id)
        return () if asset is None else templates_for(reading, str(asset["site_id"]))

    def _found(self, lines: tuple[TemplateLine, ...]) -> None:
        self._view.show_rows(tuple(TemplateRow(each.id, each.name, duration(each.minutes) or "") for each in lines))

    def _made(self, order_id: str) -> None:
        self._is_making = False
        self.context.navigator.toast("Order made. The office sees it with the next sync.")
        self.context.navigator.open(Place.of("order", order_id=order_id))

    def _refused(self, problem: CmmsError) -> None:
        self._is_making = False
        self.context.navigator.complain(problem)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
