"""A button whose words give way where there is no room: texts of a server may be longer than any window is wide."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QStylePainter, QWidget

from cmms_desktop.ui.widgets.styling import set_tip, without_shortcut
from cmms_desktop.ui.widgets.text_lines import plain

LEAST_CHARS = 32
"""So much of longer words always shows."""


class GivingButton(QPushButton):
    """Shows all of its words where they fit; else their beginning and "…", and the rest where the mouse rests."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(without_shortcut(plain(text).replace("\n", " ")))
        gives_way = self._excess() > 0
        width = QSizePolicy.Policy.Preferred if gives_way else QSizePolicy.Policy.Minimum
        if gives_way != bool(self.property("gives_way")):
            self.setProperty("gives_way", gives_way)
            self.setSizePolicy(width, self.sizePolicy().verticalPolicy())
            set_tip(self, text if gives_way else "")

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(hint.width() - self._excess(), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        excess = self._excess()
        missing = self.sizeHint().width() - self.width() if excess else 0
        if missing <= 0:
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOptionButton()
        self.initStyleOption(option)
        room = self.fontMetrics().horizontalAdvance(option.text) - missing
        option.text = self.fontMetrics().elidedText(option.text, Qt.TextElideMode.ElideRight, room)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)

    def _excess(self) -> int:
        """How many px of the words may give way."""
        if len(self.text()) <= LEAST_CHARS:
            return 0
        metrics = self.fontMetrics()
        return max(0, metrics.horizontalAdvance(self.text()) - LEAST_CHARS * metrics.averageCharWidth())
