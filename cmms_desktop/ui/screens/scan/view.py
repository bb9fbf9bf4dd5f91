"""Waiting for a label: a wedge scanner's burst is caught anywhere, and a person may type the code."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.devices.scanner import normalise_code
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.text import Text

HOW = "Point the scanner at the label, or type what stands on it. It is looked up on this device only."


class ScanSheet(QWidget):
    """One field and one button. A scan needs neither: it closes the sheet by itself."""

    entered = Signal(str)
    """A code, normalised."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().space(6), theme().space(4), theme().space(6), theme().space(6))
        column.setSpacing(theme().space(3))
        column.addWidget(Text(HOW, wrap=True))
        self.field = LabelledField("Code on the label")
        self.field.line.returnPressed.connect(self._enter)
        column.addWidget(self.field)
        self.button = ActionButton("Look up", icon="search", role="primary")
        self.button.clicked.connect(self._enter)
        column.addWidget(self.button)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the keyboard at once."""
        super().showEvent(event)
        self.field.setFocus()

    @Slot()
    def _enter(self) -> None:
        code = normalise_code(self.field.text())
        self.field.set_error(None if code else "Type the code that stands on the label.")
        if code:
            self.entered.emit(code)
