"""The design tokens: colours, sizes, weights and durations by name, as the designers wrote them.

Reads one JSON file of the resources. Knows neither which theme is in use nor Qt; an unknown name is a KeyError.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Final

import msgspec

from cmms_desktop.config import resources_folder

THEMES: Final = ("light", "dark", "sunlight")
FONT_SETTINGS: Final = ("small", "normal", "large", "largest")

Sizes = dict[str, int]


class _TypeRole(msgspec.Struct, frozen=True):
    """One use of text: pixels and line height for each font setting, and the name of a weight."""

    px: Sizes
    line: Sizes
    weight: str


class _Type(msgspec.Struct, frozen=True):
    settings: dict[str, float]
    roles: dict[str, _TypeRole]


class _Font(msgspec.Struct, frozen=True):
    family: str
    fallback: list[str]
    weights: dict[str, Sizes]


class _Icon(msgspec.Struct, frozen=True):
    size: Sizes
    stroke: dict[str, float]
    names: dict[str, str]


class _Contrast(msgspec.Struct, frozen=True):
    minimum: dict[str, dict[str, float]]
    pairs: list[tuple[str, str, str]]


class _Focus(msgspec.Struct, frozen=True, rename="kebab"):
    width: int
    gap: int
    radius_extra: int


class _WidthClass(msgspec.Struct, frozen=True):
    start: int = msgspec.field(name="from")


class _Layout(msgspec.Struct, frozen=True):
    regular: _WidthClass
    wide: _WidthClass


class Tokens(msgspec.Struct, frozen=True, rename="kebab"):
    """The whole file; sizes are logical pixels at the font setting *normal*, durations ms."""

    themes: dict[str, dict[str, str]]
    opacity: dict[str, dict[str, float]]
    border_width: Sizes
    selected_border_width: Sizes
    space: Sizes
    radius: Sizes
    font: _Font
    type: _Type
    target: Sizes
    icon: _Icon
    badge: dict[str, dict[str, str]]
    motion: dict[str, int | str | list[str]]
    layout: _Layout
    focus: _Focus
    contrast: _Contrast


@dataclass(frozen=True, slots=True)
class Look:
    """The tokens as one theme at one font setting says them."""

    name: str
    font_setting: str
    tokens: Tokens = field(repr=False)

    def color(self, token: str) -> str:
        """The colour as ``#RRGGBB``."""
        return self.tokens.themes[self.name][token]

    def px(self, role: str) -> int:
        return self.tokens.type.roles[role].px[self.font_setting]

    def line(self, role: str) -> int:
        return self.tokens.type.roles[role].line[self.font_setting]

    def weight(self, role: str, weight: str | None = None) -> int:
        """The weight of a role, 400 to 700; ``weight`` (regular, medium, semibold, bold) replaces the role's own."""
        return self.tokens.font.weights[self.name][weight or self.tokens.type.roles[role].weight]

    @property
    def border_width(self) -> int:
        return self.tokens.border_width[self.name]

    @property
    def selected_border_width(self) -> int:
        return self.tokens.selected_border_width[self.name]

    @property
    def stroke(self) -> float:
        return self.tokens.icon.stroke[self.name]

    @property
    def factor(self) -> float:
        return self.tokens.type.settings[self.font_setting]


def look(name: str, font_setting: str) -> Look:
    """Give the tokens of one theme at one font setting.

    Raises:
        KeyError: there is no such theme or setting.
    """
    tokens = load_tokens()
    for known, asked in ((tokens.themes, name), (tokens.type.settings, font_setting)):
        if asked not in known:
            raise KeyError(asked)
    return Look(name=name, font_setting=font_setting, tokens=tokens)


@cache
def load_tokens() -> Tokens:
    """Read ``styles/tokens.json`` of the resources, once."""
    return msgspec.json.decode((resources_folder() / "styles" / "tokens.json").read_bytes(), type=Tokens)
