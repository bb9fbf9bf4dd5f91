"""The style sheet of a theme at a font setting, filled from the tokens.

The rules are data (`styles/window.qss` in the resources); here their placeholders get values. A placeholder that
names nothing is a KeyError, never an empty rule.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from cmms_desktop.config import resources_folder
from cmms_desktop.ui.theme.tokens import Look, look

_PLACEHOLDER: Final = re.compile(r"\$\(([a-z]+) ?([^)]*)\)")
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)


def style_sheet(theme: Look) -> str:
    """Give the rules for one theme and font setting; made once each.

    Placeholders, widths and heights in px:
    ``$(color text-muted)`` · ``$(font body)``, ``$(font body bold)`` size and weight · ``$(weight bold)`` ·
    ``$(space 4)`` ·
    ``$(radius card)`` · ``$(border)``, ``$(selected)`` width of a normal and of a selected border, ``$(rest)`` their
    difference · ``$(inside 44)`` a height without two borders · ``$(pad 12)``, ``$(pad 12 2)`` a padding that gives
    way to a border of normal or of the named width · ``$(picture checked)`` the address of a coloured picture.
    """
    return _filled(theme.name, theme.font_setting)


@cache
def _filled(name: str, font_setting: str) -> str:
    wanted = look(name, font_setting)
    return _PLACEHOLDER.sub(lambda found: _value(wanted, found[1], found[2].split()), _rules())


@cache
def _rules() -> str:
    return _COMMENT.sub("", (resources_folder() / "styles" / "window.qss").read_text("utf-8"))


def _value(theme: Look, kind: str, words: list[str]) -> str:
    match kind, words:
        case "color", [token]:
            return theme.color(token)
        case "font", [role, *weight]:
            return f"font-size: {theme.px(role)}px; font-weight: {theme.weight(role, *weight)}"
        case "weight", [weight]:
            return f"font-weight: {theme.tokens.font.weights[theme.name][weight]}"
        case "space", [step]:
            return f"{theme.tokens.space[step]}px"
        case "radius", [name]:
            return f"{theme.tokens.radius[name]}px"
        case "border", []:
            return f"{theme.border_width}px"
        case "selected", []:
            return f"{theme.selected_border_width}px"
        case "rest", []:
            return f"{theme.selected_border_width - theme.border_width}px"
        case "picture", [name]:
            return f'url("{(resources_folder() / "styles" / theme.name / name).as_posix()}.svg")'
        case _:
            return _length(theme, kind, words)


def _length(theme: Look, kind: str, words: list[str]) -> str:
    """QSS counts neither border nor padding into `min-height`, and moves the text when a border grows."""
    whole, *border = (int(word) for word in words)
    width = border[0] if border else theme.border_width
    match kind:
        case "inside":
            return f"{whole - 2 * width}px"
        case "pad":
            return f"{max(0, whole - width)}px"
        case _:
            raise KeyError(kind)
