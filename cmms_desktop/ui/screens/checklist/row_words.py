"""What an item asks: number, prompt and the quiet lines below. A press on it offers note and photo."""

from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.checklist.states import ItemState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.text import Text

NUMBER_PX = 36
"""Width of the column with the item's number, at the normal font size."""
UNKNOWN = "This app does not know this kind of item. Update it, or say that it is not applicable."


def indent_px() -> int:
    """Width of that column at the present font size."""
    return int(NUMBER_PX * max(1.0, theme().factor))


class PressableText(Text):
    """A text that can be pressed like a button; the keyboard has a key of its own for what it does."""

    pressed = Signal()
    _pressed_at = QPointF()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.globalPosition()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell a press; a finger that pushed the page along was none, although the text followed it."""
        moved = (event.globalPosition() - self._pressed_at).manhattanLength()
        if event.button() == Qt.MouseButton.LeftButton and moved < QApplication.startDragDistance():
            self.pressed.emit()
        super().mouseReleaseEvent(event)


class RowWords(QWidget):
    """A number, or the sign of a conditional item, with the words beside it."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._number = Text("", role="body", tone="muted", tabular=True)
        self._sign = IconLabel("conditional", color="info", size="control", line="item")
        self._prompt = PressableText("", role="item", wrap=True)
        self._under = PressableText("", role="small", tone="muted", wrap=True)
        self._prompt.pressed.connect(self.pressed)
        self._under.pressed.connect(self.pressed)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(self._number, 0, 0, top)
        self._grid.addWidget(self._sign, 0, 0, top)
        self._grid.addWidget(self._prompt, 0, 1)
        self._grid.addWidget(self._under, 1, 1)
        column = QVBoxLayout(self)  # keeps number and words together in the middle of a tall row
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addLayout(self._grid)
        column.addStretch(1)
        theme().changed.connect(self._indent)
        self._indent()

    def show_state(self, state: ItemState, *, is_compact: bool) -> None:
        """Show what is asked; limits and last reading in one line where there is little room."""
        self._sign.setVisible(bool(state.because))
        self._number.setVisible(not state.because)
        self._number.setText(state.number)
        self._prompt.setText(f"{state.number} {state.prompt}" if state.because else state.prompt)
        limits = [state.short_limits] if is_compact else [state.limits, state.last]
        demand = " · ".join(part for part in (state.because, state.demand) if part)
        parts = [demand, *(limits if state.kind == "number" else ())]
        parts.append("Answered as not applicable" if state.answer == "na" else "")
        parts.append(UNKNOWN if state.kind == "unknown" else "")
        self._under.setText("\n".join(part for part in parts if part))
        self._under.setVisible(bool(self._under.text()))

    @Slot()
    def _indent(self) -> None:
        self._grid.setColumnMinimumWidth(0, indent_px())
