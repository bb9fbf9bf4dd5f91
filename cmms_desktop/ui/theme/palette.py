"""The theme's colours in Qt's own roles, for everything that no rule of the style sheet reaches."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QPalette

from cmms_desktop.ui.theme.tokens import Look

_Role = QPalette.ColorRole

_TOKEN_OF_ROLE: Final = {
    _Role.Window: "surface",
    _Role.WindowText: "text",
    _Role.Base: "surface-raised",
    _Role.AlternateBase: "surface-sunken",
    _Role.Text: "text",
    _Role.PlaceholderText: "text-muted",
    _Role.Button: "surface-raised",
    _Role.ButtonText: "text",
    _Role.BrightText: "danger",
    _Role.ToolTipBase: "toast",
    _Role.ToolTipText: "on-toast",
    _Role.Highlight: "selection",
    _Role.HighlightedText: "on-selection",
    _Role.Accent: "accent",
    _Role.Link: "accent",
    _Role.LinkVisited: "accent",
    _Role.Light: "surface-raised",
    _Role.Midlight: "surface-hover",
    _Role.Mid: "border",
    _Role.Dark: "border-strong",
    _Role.Shadow: "border-strong",
}
_DISABLED_TEXT: Final = (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText)


def make_palette(look: Look) -> QPalette:
    """Make the palette of a theme; the same for active and inactive windows, so that nothing fades behind a sheet."""
    palette = QPalette()
    for role, token in _TOKEN_OF_ROLE.items():
        palette.setColor(role, QColor(look.color(token)))
    for role in _DISABLED_TEXT:
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(look.color("text-disabled")))
    return palette
