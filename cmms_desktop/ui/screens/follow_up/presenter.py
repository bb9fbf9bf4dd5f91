"""A follow-up order in the making: kept at each key, made once."""

from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.follow_ups import raise_follow_up
from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.bridge.form_presenter import FormPresenter

EMPTY: Final = {"title": "", "description": "", "priority": "medium"}


class FollowUpView(Protocol):
    """What shows the form."""

    def show_fields(self, *, title: str, description: str, priority: str) -> None:
        """Put values into the fields."""
        ...

    def show_refusal(self, sentence: str | None) -> None:
        """Say under the title what to enter."""
        ...

    def done(self) -> None:
        """The order is made; the form can go."""
        ...


class FollowUpPresenter(FormPresenter):
    """The form of one order."""

    def __init__(self, context: ScreenContext, view: FollowUpView, order_id: str) -> None:
        """Follow up one order."""
        super().__init__(context, note=f"follow-up:{order_id}", empty=EMPTY, refuse=view.show_refusal)
        self._view, self._order_id = view, order_id

    def start(self) -> None:
        """Show what was half entered."""
        self._view.show_fields(**self._fields)

    def enter(self, **values: str) -> None:
        """Keep title, description or priority."""
        self._keep(values, empty=EMPTY.__eq__)
        self._view.show_refusal(None)

    def save(self) -> None:
        """Make the order; a second press while it is being made does nothing."""
        fields = self._fields
        command = partial(
            raise_follow_up,
            order_id=self._order_id,
            title=fields["title"],
            description=fields["description"],
            priority=fields["priority"],
        )
        self._save(command, self._saved)

    def _saved(self, order_id: str) -> None:
        self._end(self._view.done, said="Follow-up order created. The office number comes with the next sync.")
        self.context.navigator.open(Place.of("order", order_id=order_id))
