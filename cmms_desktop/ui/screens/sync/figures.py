"""Four figures side by side: on this device, sent, accepted, backed up. Two by two on small windows."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sync.states import Figure
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

COUNT = 4


class Figures(QFrame):
    """The card with the figures."""

    def __init__(self) -> None:
        super().__init__()
        set_style(self, kind="card")
        self._cells = [_Cell() for _ in range(COUNT)]
        self._lines = [Divider(vertical=True) for _ in range(COUNT - 1)]
        self._is_compact: bool | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(*(theme().space(n) for n in (5, 3, 5, 3)))
        self._grid.setHorizontalSpacing(theme().space(3))
        self._grid.setVerticalSpacing(theme().space(3))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.set_compact(False)

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        """Show four figures."""
        for cell, figure in zip(self._cells, figures, strict=True):
            cell.show_figure(figure)

    def set_compact(self, is_compact: bool) -> None:
        """Arrange two by two, or all in one row with lines between them."""
        if is_compact == self._is_compact:
            return
        self._is_compact = is_compact
        for number, cell in enumerate(self._cells):
            row, column = divmod(number, 2) if is_compact else (0, number)
            self._grid.addWidget(cell, row, 2 * column)
        for number, line in enumerate(self._lines):
            self._grid.addWidget(line, 0, 2 * number + 1)
            line.setVisible(not is_compact)
        for column in range(COUNT):
            self._grid.setColumnStretch(2 * column, 1 if not is_compact or column < 2 else 0)


class _Cell(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("hard-drive", size="nav")
        self._number = Text("", role="figure", tabular=True)
        self._title = ElidedText("", role="label")
        self._detail = ElidedText("", role="small", tone="muted")
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self._number, self._title, self._detail):
            words.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(3))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def show_figure(self, figure: Figure) -> None:
        self._icon.set_icon(figure.icon, color=figure.color)
        self._number.setText(figure.number)
        self._title.setText(figure.title)
        self._detail.setText(figure.detail)
        self._number.setAccessibleName(f"{figure.title}: {figure.number}, {figure.detail}")
