"""The head of a page: back, title, the line that says what it is about, badges. It names things and decides nothing."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.buttons import IconButton
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text


class PageHeader(QFrame):
    """Back button, title over number · asset · place, badges and extras at the right; compact: smaller, no badges."""

    back_pressed = Signal()

    def __init__(self, *, has_back: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_style(self, kind="header")
        self.back_button = IconButton("arrow-left", "Back")
        if not has_back:
            self.back_button.hide()  # showing it before it has a parent would open a window
        self.back_button.clicked.connect(self.back_pressed)
        self._title = ElidedText("", role="title")
        self._number = Text("", role="small", weight="bold")
        self._facts = ElidedText("", role="small", tone="muted")
        self._badges = QWidget()
        self._badge_row = QHBoxLayout(self._badges)
        self._badge_row.setContentsMargins(0, 0, 0, 0)
        self._badge_row.setSpacing(theme().space(2))
        self._row = QHBoxLayout(self)
        self._row.setSpacing(theme().space(3))
        self._row.addWidget(self.back_button)
        self._row.addLayout(self._words(), 1)
        self._row.addWidget(self._badges)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_compact(False)

    def show_title(self, title: str, *, number: str = "", facts: tuple[str, ...] = ()) -> None:
        """Show what the page is about; the facts stand behind the number with dots between."""
        self._title.setText(title)
        self._number.setText(number)
        self._number.setVisible(bool(number))
        words = " · ".join(fact for fact in facts if fact)
        self._facts.setText(f"· {words}" if number and words else words)
        self._facts.setVisible(bool(words))

    def set_badges(self, specs: Iterable[BadgeSpec]) -> None:
        while (item := self._badge_row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for spec in specs:
            badge = BadgeLabel(spec)
            self._badge_row.addWidget(badge)
            badge.show()

    def add_trailing(self, widget: QWidget) -> None:
        """Put a widget at the right end, behind the badges."""
        self._row.addWidget(widget)

    def set_compact(self, compact: bool) -> None:
        side = theme().space(5 if self.back_button.isHidden() else 2)
        upright = theme().space(1) if compact else theme().space(3)
        self._row.setContentsMargins(side, upright, theme().space(4), upright)
        self._title.set_role("card-title" if compact else "title")
        self._number.set_role("caption" if compact else "small")
        self._facts.set_role("caption" if compact else "small")
        self._badges.setVisible(not compact)

    def _words(self) -> QVBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme().space(1))
        line.addWidget(self._number)
        line.addWidget(self._facts, 1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        words.addWidget(self._title)
        words.addLayout(line)
        return words
