"""A follow-up order in the making: kept at each key, made once."""

from functools import partial
from typing import Final, Protocol

import msgspec

from cmms_desktop.application.commands.follow_ups import raise_follow_up
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext

_DECODER: Final = msgspec.json.Decoder(dict[str, str])
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


class FollowUpPresenter(Presenter):
    """The form of one order."""

    def __init__(self, context: ScreenContext, view: FollowUpView, order_id: str) -> None:
        """Follow up one order."""
        super().__init__(context)
        self._view, self._order_id = view, order_id
        self._fields = _read(context.drafts.get(self._note))
        self._is_saving = False

    def start(self) -> None:
        """Show what was half entered."""
        self._view.show_fields(**self._fields)

    def enter(self, **values: str) -> None:
        """Keep title, description or priority."""
        self._fields |= values
        is_empty = self._fields == EMPTY
        self.context.drafts.keep(self._note, "" if is_empty else msgspec.json.encode(self._fields).decode())
        self._view.show_refusal(None)

    def save(self) -> None:
        """Make the order; a second press while it is being made does nothing."""
        if not self._is_saving:
            self._is_saving = True
            fields = self._fields
            command = partial(
                raise_follow_up,
                order_id=self._order_id,
                title=fields["title"],
                description=fields["description"],
                priority=fields["priority"],
            )
            self.context.background.write(command, self._saved, refused=self._refused, forgets=(self._note,))

    @property
    def _note(self) -> str:
        return f"follow-up:{self._order_id}"

    def _saved(self, order_id: str) -> None:
        self.context.drafts.drop(self._note)
        if not self._is_closed:
            self._view.done()
        self.context.navigator.toast("Follow-up order created. The office number comes with the next sync.")
        self.context.navigator.open(Place.of("order", order_id=order_id))

    def _refused(self, problem: CmmsError) -> None:
        self._is_saving = False
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._view.show_refusal(problem.sentence)


def _read(text: str | None) -> dict[str, str]:
    """Read a draft; what is not understood starts anew."""
    try:
        kept = _DECODER.decode(text) if text else {}
    except msgspec.DecodeError:
        kept = {}
    return {name: kept.get(name, default) for name, default in EMPTY.items()}
