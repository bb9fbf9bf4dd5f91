"""Filters over a list: a search field and chips; what is chosen is said by whoever is asked."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import IconButton
from cmms_desktop.ui.widgets.fields import LineField
from cmms_desktop.ui.widgets.segmented import Chips

PAUSE_MS = 120
"""Typing faster than this filters once."""


class SearchLine(QWidget):
    """A field for words with *clear*; tells the text when typing pauses."""

    searched = Signal(str)

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self._clear = IconButton("x", "Clear search")
        self.line = LineField(self._clear)
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(placeholder)
        self._icon = self.line.addAction(QIcon(), LineField.ActionPosition.LeadingPosition)
        self._icon.setText("Search")
        theme().changed.connect(self._render_icon)
        self._render_icon()
        self._clear.hide()
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self.line.textEdited.connect(self._wait)
        self.line.returnPressed.connect(self._tell)
        self._clear.clicked.connect(self._empty)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line)
        self.setFocusProxy(self.line)

    def show_text(self, text: str) -> None:
        """Show a text without telling; not while the person types another one."""
        if not self._pause.isActive() and text != self.line.text():
            self.line.setText(text)
        self._clear.setVisible(bool(self.line.text()))

    @Slot()
    def _render_icon(self) -> None:
        self._icon.setIcon(theme().icon("search", "text-muted", theme().icon_size("control")))

    @Slot()
    def _wait(self) -> None:
        self._clear.setVisible(bool(self.line.text()))
        self._pause.start()

    @Slot()
    def _tell(self) -> None:
        self._pause.stop()
        self.searched.emit(self.line.text())

    @Slot()
    def _empty(self) -> None:
        self.line.clear()
        self._clear.hide()
        self.line.setFocus()
        self._tell()


class FilterPanel(QWidget):
    """Search field over chips."""

    searched = Signal(str)
    chosen = Signal(tuple)

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.search = SearchLine(placeholder)
        self.chips = Chips((), multiple=True)
        self._options: tuple[tuple[str, str], ...] = ()
        self.search.searched.connect(self.searched)
        self.chips.chosen.connect(self._tell_chips)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme().space(2))
        column.setSpacing(theme().space(2))
        column.addWidget(self.search)
        column.addWidget(self.chips)

    def show_chips(self, is_shown: bool) -> None:
        """Show the chips, or the search field alone."""
        self.chips.setVisible(is_shown)

    def show_filter(self, options: tuple[tuple[str, str], ...], *, text: str, keys: tuple[str, ...]) -> None:
        if options != self._options:
            self._options = options
            self.chips.set_options(options)
        self.chips.set_keys(keys)
        self.search.show_text(text)

    @Slot()
    def _tell_chips(self) -> None:
        self.chosen.emit(self.chips.keys())
