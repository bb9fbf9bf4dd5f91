"""What the presenters of an order ask of whatever shows it."""

from typing import Protocol

from cmms_desktop.ui.screens.order.states import OrderState


class OrderView(Protocol):
    """What shows an order."""

    def show_state(self, state: OrderState) -> None:
        """Show everything."""
        ...

    def show_gone(self, *, has_texts: bool) -> None:
        """The order is not on this device. `has_texts`: what was half written about such orders is kept elsewhere."""
        ...

    def show_timer(self, text: str) -> None:
        """Show how long the visit lasts."""
        ...

    def show_trouble(self, sentence: str | None) -> None:
        """Say in place why a step was not taken; None takes it away."""
        ...

    def set_busy(self, is_busy: bool) -> None:
        """A step is being saved."""
        ...

    def open_form(self, name: str, log_id: str) -> None:
        """Open one of the presenter's FORMS; `log_id` is the visit under way, "" without one."""
        ...

    def close_form(self) -> None:
        """Close what is open."""
        ...

    def show_missing(self) -> None:
        """List the answers that are missing, on the checklist."""
        ...
