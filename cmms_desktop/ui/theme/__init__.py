"""The look of the window: `theme()` answers colours, fonts, sizes, durations and icons by their names in the tokens.

No view writes a colour, a size or a duration; it asks here, or sets a property that the style sheet knows.
"""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from cmms_desktop.errors import Bug
from cmms_desktop.ui.theme.focus_ring_style import FocusRingStyle
from cmms_desktop.ui.theme.theme import Theme
from cmms_desktop.ui.theme.tokens import FONT_SETTINGS, THEMES

__all__ = ["FONT_SETTINGS", "THEMES", "FocusRingStyle", "Theme", "install", "theme"]


_made: Theme | None = None


def theme() -> Theme:
    """Give the theme of this application, made at the first call.

    Raises:
        Bug: there is no application yet.
    """
    global _made  # noqa: PLW0603  one application has one theme, and painting asks for it thousands of times
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise Bug("The theme was asked for before there was an application.")
    if _made is None or _made.application is not app:
        _made = Theme(app)
    return _made


def install(app: QApplication, *, name: str = "light", font_setting: str = "normal") -> Theme:
    """Dress the application: style, fonts, palette and rules. Call it before the first widget, then `Theme.use`."""
    app.setStyle("Fusion")
    dressed = theme()
    dressed.use(name=name, font_setting=font_setting)
    return dressed
