"""What a pane shows when it has nothing: an icon, one line, and one line with an age or the next step."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.text import Text


class EmptyState(QWidget):
    """Centred in its pane; `color` is the colour token of the icon."""

    def __init__(
        self, icon: str, title: str, text: str = "", *, color: str = "text-muted", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = IconLabel(icon, color=color, size="empty")
        self._title = Text(title, role="heading", wrap=True)
        self._text = Text(text, role="card-body", tone="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().space(4), theme().space(4), theme().space(4), theme().space(4))
        column.setSpacing(theme().space(1))
        column.addStretch(1)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(theme().space(1))
        for words in (self._title, self._text):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(words)
        column.addStretch(1)
        self._text.setVisible(bool(text))
        self.setAccessibleName(title)

    def show_message(self, title: str, text: str = "", *, icon: str | None = None) -> None:
        """Say something else in the same place."""
        self._title.setText(title)
        self.setAccessibleName(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        if icon is not None:
            self._icon.set_icon(icon)
