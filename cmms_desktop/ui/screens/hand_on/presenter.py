"""Asking to hand an order on: to whom, and why; kept at each key, asked once. Plain Python, no widgets.

Asks the office and changes no assignment.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.handing_on import ask_to_hand_on
from cmms_desktop.application.queries.assignment_requests import HandingOn, Taker, handing_on
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.bridge.form_presenter import FormPresenter
from cmms_desktop.ui.text.numbers import counted
from sync_server.contract.rules.status import has_reason

BACK, OTHER = "back", "other"
MOST_TAKERS: Final = 8
"""So many names are offered at once; typing narrows them down."""
CHOOSE: Final = "Choose who is to take it, or give it back."
EMPTY: Final = {"way": BACK, "taker": "", "search": "", "reason": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOnState:
    """The form. `takers`: id and name of whom the search finds; `note`: how many more there are, or none."""

    way: str
    taker: str
    takers: tuple[tuple[str, str], ...]
    note: str
    is_long: bool
    """There are too many names to offer all of them: one is looked for."""
    explains: str


class HandOnView(Protocol):
    """What shows the form."""

    def show_texts(self, *, search: str, reason: str) -> None:
        """Put texts into the fields."""
        ...

    def show_state(self, state: HandOnState) -> None:
        """Show what is chosen, and what can be."""
        ...

    def show_refusal(self, sentence: str | None, *, is_about_reason: bool) -> None:
        """Say under the reason, or under the names, what is missing."""
        ...

    def done(self) -> None:
        """The office is asked; the form can go."""
        ...


class HandOnPresenter(FormPresenter):
    """The form of one order."""

    def __init__(self, context: ScreenContext, view: HandOnView, order_id: str) -> None:
        """Ask about one order."""
        super().__init__(
            context, note=f"hand-on:{order_id}", empty=EMPTY, refuse=partial(view.show_refusal, is_about_reason=True)
        )
        self._view, self._order_id = view, order_id
        self._page = HandingOn()

    def start(self) -> None:
        """Show what was half entered, and who could take the order."""
        self._view.show_texts(search=self._fields["search"], reason=self._fields["reason"])
        self._show()
        self.ask("takers", partial(handing_on, order_id=self._order_id), self._take)

    def enter(self, **values: str) -> None:
        """Keep way, taker, search or reason."""
        self._keep(values, empty=EMPTY.__eq__)
        self._view.show_refusal(None, is_about_reason=True)
        self._show()

    def send(self) -> None:
        """Ask; a second press while it is being saved does nothing."""
        taker = next((each for each in self._page.takers if each.id == self._fields["taker"]), None)
        is_back, reason = self._fields["way"] == BACK, self._fields["reason"]
        if self._is_saving:
            return
        if taker is None and not is_back:
            self._view.show_refusal(CHOOSE, is_about_reason=False)
            return
        if not has_reason(reason):
            self._view.show_refusal("Say why you cannot take this order.", is_about_reason=True)
            return
        to = None if is_back else taker
        command = partial(
            ask_to_hand_on,
            order_id=self._order_id,
            person_id=to.id if to is not None and not to.is_team else None,
            team_id=to.id if to is not None and to.is_team else None,
            reason=reason,
        )
        self._save(command, self._saved)

    def _take(self, page: HandingOn) -> None:
        self._page = page
        self._show()

    def _show(self) -> None:
        wanted = self._fields["search"].strip().casefold()
        found = [each for each in self._page.takers if wanted in each.name.casefold()]
        chosen = [each for each in self._page.takers if each.id == self._fields["taker"]]
        offered = list(dict.fromkeys([*chosen, *found[:MOST_TAKERS]]))
        more = len(found) - MOST_TAKERS
        note = (
            f"{counted(more, 'other')} not shown. Type a name." if more > 0 else "" if found else "Nobody of that name."
        )
        whose = f"The team {self._page.team} has it. " if self._page.team else ""
        self._view.show_state(
            HandOnState(
                way=self._fields["way"],
                taker=self._fields["taker"],
                takers=tuple((each.id, _named(each)) for each in offered),
                note=note,
                is_long=len(self._page.takers) > MOST_TAKERS,
                explains=f"{whose}The order stays with you until the office answers.",
            )
        )

    def _saved(self, _: None) -> None:
        self._end(self._view.done, said="The office is asked. It is sent when you are online.")


def _named(taker: Taker) -> str:
    return f"{taker.name} (team)" if taker.is_team else taker.name
