"""A cost in the making: kept at each key, entered once."""

from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.costs import add_cost
from cmms_desktop.application.queries.order_costs import DEFAULT_CURRENCY, OrderCosts, order_costs
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.bridge.form_presenter import FormPresenter

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


class CostPresenter(FormPresenter):
    """The form of one order."""

    def __init__(self, context: ScreenContext, view: CostView, order_id: str) -> None:
        """Enter a cost of one order."""
        super().__init__(context, note=f"cost:{order_id}", empty=EMPTY, refuse=view.show_refusal)
        self._view, self._order_id = view, order_id

    def start(self) -> None:
        """Show what was half entered, in the currency of the last cost."""
        self._view.show_fields(**self._fields)
        if not self._fields["currency"]:
            self.ask("costs", partial(order_costs, order_id=self._order_id), self._knows_currency)

    def enter(self, **values: str) -> None:
        """Keep kind, amount, currency or note."""
        self._keep(values, empty=lambda fields: not (fields["amount"] or fields["note"]))
        self._view.show_refusal(None)

    def save(self) -> None:
        """Enter it; a second press meanwhile does nothing."""
        fields = self._fields
        command = partial(
            add_cost,
            order_id=self._order_id,
            kind=fields["kind"],
            amount=fields["amount"],
            currency=fields["currency"] or DEFAULT_CURRENCY,
            note=fields["note"],
        )
        self._save(command, self._saved)

    def _knows_currency(self, found: OrderCosts) -> None:
        if not self._is_closed and not self._fields["currency"]:
            self._fields["currency"] = found.currency
            self._view.show_fields(**self._fields)

    def _saved(self, _: str) -> None:
        self._end(self._view.done, said="Cost entered. The page Time shows it.")
