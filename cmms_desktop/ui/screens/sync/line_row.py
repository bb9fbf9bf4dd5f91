"""One line of a list on the sync page: icon, what, and when."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sync.states import Line
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.text import ElidedText, Text


class LineRow(QWidget):
    """Shows a Line; `icon` and `color` are names of the tokens."""

    def __init__(self, line: Line, *, icon: str, color: str) -> None:
        super().__init__()
        self._text = ElidedText("", role="card-body", lines=2)
        self._remark = Text("", role="small", tone="muted", wrap=True)
        self._time = Text("", role="small", tone="muted", tabular=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._remark)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        row.setSpacing(theme().space(3))
        row.addWidget(IconLabel(icon, color=color), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._time, 0, Qt.AlignmentFlag.AlignTop)
        self.show_line(line)

    def show_line(self, line: Line) -> None:
        """Show another state of the same line."""
        self._text.setText(line.text)
        self._remark.setText(line.remark)
        self._remark.setVisible(bool(line.remark))
        self._time.setText(line.time)
