"""What an order opens in a sheet: arriving, a cost, following up, handing on, a supervisor who signs. Imported late."""

from dataclasses import dataclass

from PySide6.QtWidgets import QPushButton, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order.presenter import OrderPresenter
from cmms_desktop.ui.widgets.sheet import Sheet


@dataclass(slots=True)
class OrderSheets:
    """The sheet of one page area and what stands in it."""

    sheet: Sheet
    content: QWidget | None = None

    @property
    def is_open(self) -> bool:
        """Something stands in it, even if the person has just closed the sheet."""
        return self.content is not None

    def open(self, name: str, context: ScreenContext, presenter: OrderPresenter, log_id: str) -> None:
        """Show arrive, cost, follow_up, hand_on or on_site."""
        page = presenter.page
        if page is None:
            return
        self.close()
        detail = " · ".join(part for part in (f"{page.number} {page.title}", page.asset_name) if part)
        match name:
            case "arrive":
                content, title = _arrive(context, presenter, log_id), f"Arrive at {page.site or 'the site'}"
            case "on_site":
                content, title = _on_site(context, presenter), "Supervisor signs here"
            case "cost":
                content, title = _cost(context, presenter), "Enter a cost"
            case "hand_on":
                content, title = _hand_on(context, presenter), "I cannot take this order"
            case _:
                content, title = _follow_up(context, presenter), "Create follow-up order"
        self.content = content
        self.sheet.open(content, title, detail=detail)

    def primary(self) -> QPushButton | None:
        """The one action of what stands there."""
        ask = getattr(self.content, "primary", None)
        button = None if ask is None else ask()
        return button if isinstance(button, QPushButton) else None

    def close(self) -> None:
        """Take what stands there away; its drafts stay."""
        content, self.content = self.content, None
        if content is not None:
            stop = getattr(content, "stop", None)
            if stop is not None:
                stop()
            self.sheet.close_sheet()
            content.deleteLater()


def _arrive(context: ScreenContext, presenter: OrderPresenter, log_id: str) -> QWidget:
    from cmms_desktop.ui.screens.arrive.view import ArriveSheet

    sheet = ArriveSheet(context, log_id, presenter.order_id)
    sheet.arrived.connect(presenter.steps.arrived)
    return sheet


def _cost(context: ScreenContext, presenter: OrderPresenter) -> QWidget:
    from cmms_desktop.ui.screens.cost.view import CostForm

    form = CostForm(context, presenter.order_id)
    form.saved.connect(presenter.close_form)
    return form


def _follow_up(context: ScreenContext, presenter: OrderPresenter) -> QWidget:
    from cmms_desktop.ui.screens.follow_up.view import FollowUpForm

    form = FollowUpForm(context, presenter.order_id)
    form.saved.connect(presenter.close_form)
    return form


def _hand_on(context: ScreenContext, presenter: OrderPresenter) -> QWidget:
    from cmms_desktop.ui.screens.hand_on.view import HandOnForm

    form = HandOnForm(context, presenter.order_id)
    form.asked.connect(presenter.close_form)
    return form


def _on_site(context: ScreenContext, presenter: OrderPresenter) -> QWidget:
    from cmms_desktop.ui.screens.review.on_site import SupervisorSheet

    sheet = SupervisorSheet(context, presenter.order_id)
    sheet.done.connect(presenter.close_form)
    return sheet
