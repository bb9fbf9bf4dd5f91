"""How far something is: a bar of 8 px with words, and the lanes of the sync page. An unknown length is words only."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

PARTS = 1000
"""Steps of a bar; its value is a share of the whole."""


class Bar(QProgressBar):
    """A bar without text; green when it is full."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, PARTS)
        self.setTextVisible(False)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_share(self, share: float, *, done_is_green: bool = False) -> None:
        """Fill from 0.0 to 1.0."""
        self.setValue(round(PARTS * min(1.0, max(0.0, share))))
        set_style(self, tone="success" if done_is_green and share >= 1.0 else None)

    def sizeHint(self) -> QSize:
        return QSize(120, 8)


class Progress(QWidget):
    """A title and words over a bar: "Preparing for offline", "7 of 12 orders, 26 MB"."""

    def __init__(self, title: str, words: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Text(title, role="label")
        self._words = Text(words, role="small", tone="muted", tabular=True)
        self.bar = Bar(title)
        line = QHBoxLayout()
        line.setSpacing(theme().space(3))
        line.addWidget(self._title)
        line.addStretch(1)
        line.addWidget(self._words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(2))
        column.addStretch(1)
        column.addLayout(line)
        column.addWidget(self.bar)
        column.addStretch(1)

    def show_progress(self, share: float | None, words: str, *, title: str | None = None) -> None:
        """Show a share from 0.0 to 1.0, or None for an unknown length: then there is no bar."""
        if title is not None:
            self._title.setText(title)
        self._words.setText(words)
        self.bar.setVisible(share is not None)
        self.bar.setAccessibleDescription(words)
        if share is not None:
            self.bar.set_share(share)


class Lane(QWidget):
    """One lane of the sync page: icon, word, bar, words, badge."""

    def __init__(self, icon: str, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._badge: BadgeLabel | None = None
        self._name = Text(word, role="item")
        self.bar = Bar(word)
        self._words = ElidedText("", role="card-body", tone="muted", lines=2, tabular=True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, theme().space(3), 0, theme().space(3))
        self._row.setSpacing(theme().space(4))
        self._row.addWidget(IconLabel(icon, size="nav"))
        self._row.addWidget(self._name)
        self._row.addWidget(self.bar, 3)
        self._row.addWidget(self._words, 3)
        self._end = QWidget()  # as wide in every lane, so that the bars of all lanes end in one line
        self._end_row = QHBoxLayout(self._end)
        self._end_row.setContentsMargins(0, 0, 0, 0)
        self._end_row.addStretch(1)
        self._row.addWidget(self._end)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def show_lane(self, share: float | None, words: str, badge: BadgeSpec | None) -> None:
        """Show how far the lane is; None for an unknown length."""
        self._words.setText(words)
        self.bar.setVisible(share is not None)
        self.bar.setAccessibleDescription(words)
        if share is not None:
            self.bar.set_share(share, done_is_green=True)
        self._show_badge(badge)

    def _show_badge(self, badge: BadgeSpec | None) -> None:
        if badge is None:
            if self._badge is not None:
                self._badge.hide()
            return
        if self._badge is None:
            self._badge = BadgeLabel(badge)
            self._end_row.addWidget(self._badge)
        self._badge.set_spec(badge)
        self._badge.show()

    def _follow_theme(self) -> None:
        self._name.setFixedWidth(round(132 * max(1.0, theme().factor)))
        self._end.setMinimumWidth(round(112 * max(1.0, theme().factor)))
