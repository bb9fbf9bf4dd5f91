"""Icons for buttons: a colour per state, and the gap that Qt leaves out between icon and words."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPixmap

from cmms_desktop.ui.theme import theme

GAP = 4
"""px. QPushButton puts icon and words 4 px apart; a transparent margin of 4 makes it the 8 of the look."""

MOST_GROWTH = 1.3
"""Icons grow with the text up to this; further they would crowd it out."""

COLOR_OF_ROLE = {
    "primary": "on-accent",
    "secondary": "text",
    "quiet": "accent",
    "danger": "danger",
    "danger-fill": "on-danger",
    "icon": "text",
}
"""Colour token of the words, so of the icon, of a button role."""


_OTHER_WAY = {
    "arrow-left": "arrow-right",
    "arrow-right": "arrow-left",
    "chevron-left": "chevron-right",
    "chevron-right": "chevron-left",
}


def directed(icon: str) -> str:
    """Give the icon that points the same way for who reads from right to left."""
    return _OTHER_WAY.get(icon, icon) if _is_mirrored() else icon


def icon_px(name: str) -> int:
    """Give the size of an icon beside text, in px at the present font size; never below the size of the tokens."""
    return round(theme().icon_size(name) * min(MOST_GROWTH, max(1.0, theme().factor)))


def button_icon(icon: str, *, color: str, checked: str | None = None, size: int, gap: int, ratio: float) -> QIcon:
    """Make the icon of a button; `checked` is the colour while it is checked, and one that is off is greyed."""
    made = QIcon()
    made.addPixmap(_padded(icon, color, size, gap, ratio), QIcon.Mode.Normal, QIcon.State.Off)
    made.addPixmap(_padded(icon, "text-disabled", size, gap, ratio), QIcon.Mode.Disabled, QIcon.State.Off)
    if checked is not None:
        made.addPixmap(_padded(icon, checked, size, gap, ratio), QIcon.Mode.Normal, QIcon.State.On)
    return made


def _padded(icon: str, color: str, size: int, gap: int, ratio: float) -> QPixmap:
    """Give the icon with the gap at its end: right, or left where the words run from right to left."""
    return theme().pixmap(directed(icon), color, size, ratio=ratio, gap=gap)


def _is_mirrored() -> bool:
    return QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
