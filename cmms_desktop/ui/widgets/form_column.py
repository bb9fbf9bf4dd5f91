"""The arrangement of a form in a sheet: fields that scroll, and below them what happens, and the one button."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.sheet import Fitted


def lay_out_form(form: QWidget, fields: QWidget, *, name: str, explains: QWidget, button: QPushButton) -> QScrollArea:
    """Put the parts of a form into it; give what scrolls. `name`: what a screen reader calls the fields."""
    column = QVBoxLayout(form)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    area = scroll_area(fields, name=name)
    column.addWidget(area, 1)
    column.addWidget(Divider())
    row = QHBoxLayout()
    row.setContentsMargins(theme().space(6), theme().space(3), theme().space(4), theme().space(3))
    row.setSpacing(theme().space(3))
    row.addWidget(explains, 1)
    row.addWidget(button)
    column.addLayout(row)
    return area


class FittedForm(Fitted):
    """A form in a sheet that is not taller than what it asks: it scrolls only where there is no room.

    The field with the keyboard is kept in sight.
    """

    def __init__(self, *, name: str, explains: QWidget, button: QPushButton) -> None:
        """Fill `fields.column` afterwards. `name`: what a screen reader calls the fields."""
        super().__init__()
        self.fields = ScrolledColumn()
        self.fields.set_margins("regular")
        self._explains, self._button = explains, button
        self._shown: QWidget | None = None
        """What was scrolled to last."""
        self._area = lay_out_form(self, self.fields, name=name, explains=explains, button=button)
        self._area.verticalScrollBar().rangeChanged.connect(self._follow_height)

    def fitted_height(self, width: int) -> int:
        """As high as its texts need at a width, with the row of the button."""
        self.fields.column.invalidate()  # rows inside tell nobody at once
        beside = width - self._button.sizeHint().width() - theme().space(6) - theme().space(4) - theme().space(3)
        row = max(self._button.sizeHint().height(), self._explains.heightForWidth(beside)) + 2 * theme().space(3)
        return self.fields.column.heightForWidth(width) + row + theme().space(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = QApplication.focusWidget()
        if inside is not None and self.fields.isAncestorOf(inside):
            self.show_field(inside)

    def show_field(self, field: QWidget) -> None:
        """Scroll to a field, also one that was shown just now, with all that stands below it."""
        self._shown = field
        self.fields.column.activate()
        self._follow_height()

    @Slot()
    def _follow_height(self) -> None:
        """Show it, once more when the sentence below it has got its lines; of one too high for the room its end."""
        if self._shown is None:
            return
        around_px = theme().space(2)
        self._area.ensureWidgetVisible(self._shown, 0, around_px)
        end = self._shown.mapTo(self.fields, self._shown.rect().bottomLeft())
        self._area.ensureVisible(end.x(), end.y(), 0, around_px)
