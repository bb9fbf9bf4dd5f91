"""Rail and bottom bar: the places of a role, one of them chosen, with their counts."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.window.nav_button import BAR, RAIL, WIDE_RAIL, NavButton
from cmms_desktop.ui.window.places import NavPlace

RAIL_WIDTH, WIDE_RAIL_WIDTH = 88, 216
MORE = NavPlace("more", "ellipsis", "More")


class Mark(QWidget):
    """The product's mark on top of the rail."""

    def sizeHint(self) -> QSize:
        return QSize(48, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        size = 36
        picture = theme().pixmap("product-mark", "on-rail", size, ratio=self.devicePixelRatioF())
        QPainter(self).drawPixmap((self.width() - size) // 2, (self.height() - size) // 2, picture)


class _Bar(QFrame):
    """What rail and bottom bar share: buttons of which one is checked."""

    chosen = Signal(str)
    """The name of a page."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self, exclusive=True)
        self._buttons: dict[str, NavButton] = {}

    def add(self, place: NavPlace, *, kind: str) -> NavButton:
        """Make one button."""
        button = NavButton(place, kind=kind, parent=self)
        button.clicked.connect(partial(self._choose, place.page))
        self._group.addButton(button)
        self._buttons[place.page] = button
        return button

    def set_current(self, page: str) -> None:
        """Check the button of a page; a page that has none leaves them as they are."""
        if page in self._buttons:
            self._buttons[page].setChecked(True)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show a number at each page named."""
        for page, count in counts.items():
            if page in self._buttons:
                self._buttons[page].set_count(count, is_conflict=page == "inbox")

    def set_word(self, page: str, word: str) -> None:
        """Say something else at a page's button."""
        if page in self._buttons:
            self._buttons[page].set_word(word)

    @Slot()
    def _choose(self, page: str) -> None:
        self.chosen.emit(page)


class Rail(_Bar):
    """Beside the page on regular and wide windows; the last two places stand at the bottom."""

    def __init__(self, places: Sequence[NavPlace], *, below: Sequence[NavPlace]) -> None:
        super().__init__("rail", "Places")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(4)
        column.addWidget(Mark(), alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        for place in places:
            column.addWidget(self.add(place, kind=RAIL))
        column.addStretch(1)
        for place in below:
            column.addWidget(self.add(place, kind=RAIL))
        self.set_wide(False)

    def set_wide(self, is_wide: bool) -> None:
        """Put words beside the icons, or below them."""
        self.setFixedWidth(WIDE_RAIL_WIDTH if is_wide else RAIL_WIDTH)
        for button in self._buttons.values():
            button.set_kind(WIDE_RAIL if is_wide else RAIL)


class BottomBar(_Bar):
    """Below the page on compact windows: five places, the last one is *More*."""

    def __init__(self, places: Sequence[NavPlace]) -> None:
        super().__init__("bottom-bar", "Places")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 5, 8, 5)
        row.setSpacing(8)
        for place in (*places, MORE):
            row.addWidget(self.add(place, kind=BAR), 1)

    def set_current(self, page: str) -> None:
        """Check the button of a page; one that is behind *More* checks that."""
        super().set_current(page if page in self._buttons else MORE.page)
