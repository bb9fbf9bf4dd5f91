"""Banners: a bold line, a plain line and at most one button on a soft fill. They inform and never stand in the way."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

_LOOK = {
    "warning": ("hazard", "warning"),
    "info": ("info", "info"),
    "waiting": ("waiting", "state-pending"),
    "conflict": ("conflict", "state-conflict"),
    "danger": ("refused", "danger"),
    "success": ("accepted", "success"),
}
"""Icon and its colour of a kind of banner."""


class Banner(QFrame):
    """One message in place. Kinds: warning, info, waiting, conflict, danger, success."""

    acted = Signal()

    def __init__(
        self,
        kind: str,
        title: str,
        text: str = "",
        *,
        action: str | None = None,
        icon: str | None = None,
        most_lines: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Say something; `most_lines`: a longer title ends in "…", where the banner does not scroll with the page."""
        super().__init__(parent)
        self._icon_of_its_own = icon
        self._icon = IconLabel("info", color="info", size="strip", line="card-body")
        self._title = (
            Text(title, role="card-body", weight="semibold", wrap=True)
            if most_lines is None
            else ElidedText(title, role="card-body", weight="semibold", lines=most_lines)
        )
        self._text = Text(text, role="card-body", wrap=True)
        self._action = ActionButton(action or "", role="secondary")
        self._action.clicked.connect(self.acted)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(4), theme().space(3), theme().space(4), theme().space(3))
        row.setSpacing(theme().space(3))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.show_message(kind, title, text, action=action)

    def show_message(
        self, kind: str, title: str, text: str = "", *, action: str | None = None, icon: str | None = None
    ) -> None:
        """Say something else in the same place; `icon` for this message only."""
        usual, color = _LOOK[kind]
        set_style(self, kind=f"banner-{kind}")
        self._icon.set_icon(icon or self._icon_of_its_own or usual, color=color)
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._action.set_text(action or "")
        self._action.setVisible(action is not None)

    @property
    def action_button(self) -> ActionButton:
        return self._action
