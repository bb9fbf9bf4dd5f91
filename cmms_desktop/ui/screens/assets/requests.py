"""What was asked for at the chosen asset, and the button that asks for more."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.assets.requests_presenter import RequestRow, RequestsPresenter
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, SectionTitle
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class RequestSection(QWidget):
    """The section; hidden where nobody may ask and nothing was asked."""

    wanted = Signal(str)
    """Something is to be reported about this asset."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self._context = context
        self._presenter: RequestsPresenter | None = None
        self._asset_id = ""
        self._title = SectionTitle("Problems you reported")
        self._rows: KeyedColumn[RequestRow] = KeyedColumn(self._make, RequestLineWidget.show_row, dividers=True)
        self._card = Card()
        self._card.body.addWidget(self._rows)
        self.report_button = ActionButton("Report a problem", icon="flag")
        self.report_button.clicked.connect(self._want)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addWidget(self._title)
        column.addWidget(self._card)
        row = QHBoxLayout()
        row.setContentsMargins(0, theme().space(1), 0, 0)
        row.addWidget(self.report_button)
        row.addStretch(1)
        column.addLayout(row)
        self.hide()

    @property
    def lines(self) -> tuple["RequestLineWidget", ...]:
        """What is shown."""
        return self._rows.widgets()

    def show_asset(self, asset_id: str) -> None:
        """Show what was asked for there; "": nothing."""
        if asset_id == self._asset_id:
            return
        self.stop()
        self._asset_id = asset_id
        self.show_requests((), title="", may_ask=False)
        if asset_id:
            self._presenter = RequestsPresenter(self._context, self, asset_id)
            self._presenter.start()

    def stop(self) -> None:
        """Ask no more."""
        if self._presenter is not None:
            self._presenter.close()
        self._presenter, self._asset_id = None, ""

    def show_requests(self, rows: tuple[RequestRow, ...], *, title: str, may_ask: bool) -> None:
        self._title.set_title(title)
        self._rows.set_rows(rows)
        for part in (self._title, self._card):
            part.setVisible(bool(rows))
        self.report_button.setVisible(may_ask)
        self.setVisible(bool(rows) or may_ask)

    def _make(self, row: RequestRow) -> QWidget:
        line = RequestLineWidget(row)
        line.withdrawn.connect(self._withdraw)
        line.opened.connect(self._open)
        return line

    @Slot()
    def _want(self) -> None:
        self.wanted.emit(self._asset_id)

    @Slot(str)
    def _withdraw(self, request_id: str) -> None:
        if self._presenter is not None:
            self._presenter.withdraw(request_id)

    @Slot(str)
    def _open(self, order_id: str) -> None:
        if self._presenter is not None:
            self._presenter.open_order(order_id)


class RequestLineWidget(QWidget):
    """One request."""

    withdrawn = Signal(str)
    opened = Signal(str)

    def __init__(self, row: RequestRow) -> None:
        super().__init__()
        self.row = row
        self.text = Text(role="item", wrap=True)
        self.detail = Text(role="small", tone="muted", wrap=True)
        self.badges = BadgeRow()
        self.back_button = ActionButton("Withdraw", role="quiet")
        self.back_button.clicked.connect(self._tell_back)
        self.open_button = ActionButton("Open order", role="quiet")
        self.open_button.clicked.connect(self._tell_open)
        said = QVBoxLayout()
        said.setSpacing(theme().space(1))
        for part in (self.text, self.detail, self.badges):
            said.addWidget(part)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        line.setSpacing(theme().space(3))
        line.addLayout(said, 1)
        line.addWidget(self.open_button)
        line.addWidget(self.back_button)
        self.show_row(row)

    def show_row(self, row: RequestRow) -> None:
        self.row = row
        self.text.setText(row.text)
        self.detail.setText(row.detail)
        self.badges.set_specs(row.badges)
        self.back_button.setVisible(row.may_withdraw)
        self.back_button.setAccessibleName(f"Withdraw {row.text}")
        self.open_button.setVisible(bool(row.order_id))
        self.open_button.setAccessibleName(f"Open the order of {row.text}")

    @Slot()
    def _tell_back(self) -> None:
        self.withdrawn.emit(self.row.id)

    @Slot()
    def _tell_open(self) -> None:
        self.opened.emit(self.row.order_id)
