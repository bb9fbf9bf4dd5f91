"""A problem in the making: kept at each key, reported once."""

from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.service_requests import report_problem
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.bridge.form_presenter import FormPresenter

EMPTY: Final = {"title": "", "description": "", "priority": "medium"}


class ReportView(Protocol):
    """What shows the form."""

    def show_fields(self, *, title: str, description: str, priority: str) -> None:
        """Put values into the fields."""
        ...

    def show_refusal(self, sentence: str | None) -> None:
        """Say under the title what to enter."""
        ...

    def done(self) -> None:
        """It is reported; the form can go."""
        ...


class ReportPresenter(FormPresenter):
    """The form of one asset."""

    def __init__(self, context: ScreenContext, view: ReportView, asset_id: str) -> None:
        """Report a problem of one asset."""
        super().__init__(context, note=f"report:{asset_id}", empty=EMPTY, refuse=view.show_refusal)
        self._view, self._asset_id = view, asset_id

    def start(self) -> None:
        """Show what was half entered."""
        self._view.show_fields(**self._fields)

    def enter(self, **values: str) -> None:
        """Keep title, description or priority."""
        self._keep(values, empty=EMPTY.__eq__)
        self._view.show_refusal(None)

    def save(self) -> None:
        """Report it; a second press meanwhile does nothing."""
        fields = self._fields
        command = partial(
            report_problem,
            asset_id=self._asset_id,
            title=fields["title"],
            description=fields["description"],
            urgency=fields["priority"],
        )
        self._save(command, self._saved)

    def _saved(self, _: str) -> None:
        self._end(self._view.done, said="Problem reported. The card shows what becomes of it.")
