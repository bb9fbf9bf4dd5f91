"""The line of a number: large figures, and the unit painted behind them. It checks nothing."""

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.styling import set_style

UNIT_GAP = 8
"""px between the number and its unit."""
LONGEST_UNIT = "kWh/m²"
"""A unit that is wider is shortened: the number needs the room, and the row beside it shows the unit whole."""


class UnitEdit(QLineEdit):
    """A line edit in large figures with the unit painted behind the number."""

    stepped = Signal(int)

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_style(self, role="reading")
        theme().changed.connect(self._make_room)
        self._make_room()

    def set_unit(self, unit: str) -> None:
        self._unit = unit
        self._make_room()

    def _shown_unit(self) -> str:
        metrics = QFontMetrics(theme().font("body"))
        most = metrics.horizontalAdvance(LONGEST_UNIT)
        return metrics.elidedText(self._unit, Qt.TextElideMode.ElideRight, most)

    def _unit_width(self) -> int:
        metrics = QFontMetrics(theme().font("body"))
        return metrics.horizontalAdvance(self._shown_unit()) + UNIT_GAP if self._unit else 0

    @Slot()
    def _make_room(self) -> None:
        self.setFont(theme().font("reading", tabular=True))
        width = self._unit_width()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.setTextMargins(width if mirrored else 0, 0, 0 if mirrored else width, 0)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        figures = QFontMetrics(theme().font("reading")).horizontalAdvance("00.00")
        width = figures + self._unit_width() + 2 * theme().space(3)
        return QSize(width, max(theme().target("answer"), theme().line("reading") + theme().space(4)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._unit:
            return
        painter = QPainter(self)
        painter.setFont(theme().font("body"))
        painter.setPen(theme().color("text-muted"))
        unit = self._unit_width() - UNIT_GAP
        figures = self.fontMetrics().horizontalAdvance(self.text() or " ")
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = self._unit_width()
        free = self.width() - side
        if mirrored:
            left = max(theme().space(2), side + (free - figures) // 2 - UNIT_GAP - unit)
        else:
            left = min((free + figures) // 2 + UNIT_GAP, self.width() - unit - theme().space(2))
        place = QRect(left, 0, unit + 2, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._shown_unit())
