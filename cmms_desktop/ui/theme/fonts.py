"""Inter in four weights and its fallbacks, from the resources, as fonts of this application.

Nothing is installed on the machine. A font that cannot be read leaves the system's own in its place: work goes on.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

from cmms_desktop.config import resources_folder
from cmms_desktop.ui.theme.tokens import Look, Tokens

_log = logging.getLogger(__name__)
_TABULAR: Final = QFont.Tag("tnum")


def load_fonts(tokens: Tokens) -> list[str]:
    """Register the shipped faces and make the fallbacks stand in for missing letters.

    Returns:
        The families that were registered, once each; call it once an application.
    """
    families: list[str] = []
    for path in sorted((resources_folder() / "fonts").glob("*.ttf")):
        families += [family for family in _register(path) if family not in families]
    QFont.insertSubstitutions(tokens.font.family, tokens.font.fallback)
    return families


def make_font(look: Look, role: str, *, weight: str | None, tabular: bool) -> QFont:
    """Make the font of one role; ``tabular`` gives all figures one width, for columns, times and readings."""
    font = QFont([look.tokens.font.family, *look.tokens.font.fallback])
    font.setPixelSize(look.px(role))
    font.setWeight(QFont.Weight(look.weight(role, weight)))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if tabular:
        font.setFeature(_TABULAR, 1)
    return font


def _register(path: Path) -> list[str]:
    number = QFontDatabase.addApplicationFont(str(path))
    if number < 0:
        _log.warning("the font %s cannot be read", path.name)
        return []
    return QFontDatabase.applicationFontFamilies(number)
