"""A cost in the making: kept at each key, entered once."""

from functools import partial
from typing import Final, Protocol

import msgspec

from cmms_desktop.application.commands.costs import add_cost
from cmms_desktop.application.queries.order_costs import DEFAULT_CURRENCY, OrderCosts, order_costs
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext

_DECODER: Final = msgspec.json.Decoder(dict[str, str])
EMPTY: Final = {"kind": "travel", "amount": "", "currency": "", "note": ""}


class CostView(Protocol):
    """What shows the form."""

    def show_fields(self, *, kind: str, amount: str, currency: str, note: str) -> None:
        """Put values into the fields."""
        ...

    def show_refusal(self, sentence: str | None) -> None:
        """Say under the amount what to enter."""
        ...

    def done(self) -> None:
        """The cost is entered; the form can go."""
        ...


class CostPresenter(Presenter):
    """The form of one order."""

    def __init__(self, context: ScreenContext, view: CostView, order_id: str) -> None:
        """Enter a cost of one order."""
        super().__init__(context)
        self._view, self._order_id = view, order_id
        self._fields = _read(context.drafts.get(self._note))
        self._is_saving = False

    def start(self) -> None:
        """Show what was half entered, in the currency of the last cost."""
        self._view.show_fields(**self._fields)
        if not self._fields["currency"]:
            self.ask("costs", partial(order_costs, order_id=self._order_id), self._knows_currency)

    def enter(self, **values: str) -> None:
        """Keep kind, amount, currency or note."""
        self._fields |= values
        is_empty = not (self._fields["amount"] or self._fields["note"])
        self.context.drafts.keep(self._note, "" if is_empty else msgspec.json.encode(self._fields).decode())
        self._view.show_refusal(None)

    def save(self) -> None:
        """Enter it; a second press meanwhile does nothing."""
        if not self._is_saving:
            self._is_saving = True
            fields = self._fields
            command = partial(
                add_cost,
                order_id=self._order_id,
                kind=fields["kind"],
                amount=fields["amount"],
                currency=fields["currency"] or DEFAULT_CURRENCY,
                note=fields["note"],
            )
            self.context.background.write(command, self._saved, refused=self._refused, forgets=(self._note,))

    @property
    def _note(self) -> str:
        return f"cost:{self._order_id}"

    def _knows_currency(self, found: OrderCosts) -> None:
        if not self._is_closed and not self._fields["currency"]:
            self._fields["currency"] = found.currency
            self._view.show_fields(**self._fields)

    def _saved(self, _: str) -> None:
        self.context.drafts.drop(self._note)
        if not self._is_closed:
            self._view.done()
        self.context.navigator.toast("Cost entered. The page Time shows it.")

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
