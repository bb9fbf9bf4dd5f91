"""Two quick taps of a finger are two presses, never a double click. Nothing of the program waits for a double tap."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from cmms_desktop.ui.widgets.focus_window import FocusWindowWatch

NEVER_MS: Final = 0


class QuickTaps(FocusWindowWatch):
    """Watches the window that has the keyboard, from `start` to `stop`.

    Qt makes a double click of two taps within 400 ms, with finger 0 even of taps far apart, and what recognises
    scrolling swallows it: of two quick answers in a list only the first one was pressed. So the time for a double
    click is none from the moment a finger comes down, and the usual one again from the next press of a mouse on.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._usual_ms = QApplication.doubleClickInterval()

    def stop(self) -> None:
        super().stop()
        QApplication.setDoubleClickInterval(self._usual_ms)

    def watch(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.TouchBegin:
            QApplication.setDoubleClickInterval(NEVER_MS)
        elif kind == QEvent.Type.MouseButtonPress and _is_mouse(event):
            QApplication.setDoubleClickInterval(self._usual_ms)
        return False


def _is_mouse(event: QEvent) -> bool:
    return isinstance(event, QMouseEvent) and event.source() == Qt.MouseEventSource.MouseEventNotSynthesized
