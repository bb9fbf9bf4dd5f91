"""Orders that can be made of a template at the chosen asset: one press each, at the end of its orders."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.assets.making_presenter import MakingPresenter, TemplateRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, SectionTitle
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import ElidedText, Text


class MakingSection(QWidget):
    """A title over the templates; hidden while none can be used here."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self._context = context
        self._presenter: MakingPresenter | None = None
        self._asset_id = ""
        self._rows: KeyedColumn[TemplateRow] = KeyedColumn(self._make, TemplateLineWidget.show_row, dividers=True)
        card = Card()
        card.body.addWidget(self._rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addWidget(SectionTitle("Make an order"))
        column.addWidget(card)
        self.hide()

    @property
    def lines(self) -> tuple["TemplateLineWidget", ...]:
        """What is shown."""
        return self._rows.widgets()

    def show_asset(self, asset_id: str) -> None:
        """Offer what can be made there; "": nothing."""
        if asset_id == self._asset_id:
            return
        self.stop()
        self._asset_id = asset_id
        self.show_rows(())
        if asset_id:
            self._presenter = MakingPresenter(self._context, self, asset_id)
            self._presenter.start()

    def stop(self) -> None:
        """Ask no more."""
        if self._presenter is not None:
            self._presenter.close()
        self._presenter, self._asset_id = None, ""

    def show_rows(self, rows: tuple[TemplateRow, ...]) -> None:
        self._rows.set_rows(rows)
        self.setVisible(bool(rows))

    def _make(self, row: TemplateRow) -> QWidget:
        line = TemplateLineWidget(row)
        line.pressed.connect(self._choose)
        return line

    @Slot(str)
    def _choose(self, template_id: str) -> None:
        if self._presenter is not None:
            self._presenter.make(template_id)


class TemplateLineWidget(QWidget):
    """One template."""

    pressed = Signal(str)

    def __init__(self, row: TemplateRow) -> None:
        super().__init__()
        self._id = row.id
        self.name = ElidedText(role="item", lines=2)
        self._detail = Text(role="caption", tone="muted")
        self.button = ActionButton("Make order", role="quiet")
        self.button.clicked.connect(self._tell)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme().space(1), 0, theme().space(1))
        line.setSpacing(theme().space(3))
        line.addWidget(self.name, 1)
        line.addWidget(self._detail)
        line.addWidget(self.button)
        self.show_row(row)

    def show_row(self, row: TemplateRow) -> None:
        self.name.setText(row.name)
        self._detail.setText(row.detail)
        self.button.setAccessibleName(f"Make order: {row.name}")

    @Slot()
    def _tell(self) -> None:
        self.pressed.emit(self._id)
