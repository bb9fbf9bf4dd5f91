"""Every name of the look that the window writes down exists: a misspelt one would be silence, or a late KeyError."""

from __future__ import annotations

import re

import pytest

from cmms_desktop.config import resources_folder
from cmms_desktop.ui.theme.tokens import load_tokens
from tests.architecture.source_tree import modules, name_of

RULES = (resources_folder() / "styles" / "window.qss").read_text("utf-8")
TOKENS = load_tokens()
SAYS_NOTHING = {("role", "secondary")}
"""A button that says nothing else is a secondary one."""


def written(pattern: str) -> list[tuple[str, str]]:
    """What the pattern's group finds in the window's source, with the file it stands in."""
    found = re.compile(pattern)
    return [
        (name_of(path), word)
        for path in modules("cmms_desktop/ui")
        for match in found.finditer(path.read_text("utf-8"))
        for word in [match[1]]
    ]


@pytest.mark.parametrize("attribute", ["role", "tone", "scale"])
def test_every_property_is_one_that_the_rules_know(attribute: str) -> None:
    known = {(name, word) for name, word in re.findall(r'\[(\w+)="([a-z-]+)"\]', RULES)} | SAYS_NOTHING
    used = written(rf'\b{attribute}="([a-z-]+)"')
    assert [(place, word) for place, word in used if (attribute, word) not in known] == []


def test_every_icon_is_drawn() -> None:
    used = written(r'(?:\bicon=|\.icon\(|\.pixmap\()"([a-z0-9-]+)"')
    assert [(place, icon) for place, icon in used if icon not in TOKENS.icon.names] == []


def test_every_colour_size_and_duration_is_a_token() -> None:
    for asked, known in (
        ("color", set(TOKENS.themes["light"])),
        ("font", set(TOKENS.type.roles)),
        ("line", set(TOKENS.type.roles)),
        ("radius", set(TOKENS.radius)),
        ("motion", set(TOKENS.motion)),
        ("icon_size", set(TOKENS.icon.size)),
    ):
        used = written(rf'theme\(\)\.{asked}\("([a-z0-9-]+)"')
        assert [(place, name) for place, name in used if name not in known] == [], asked


def test_no_colour_is_written_in_a_view() -> None:
    used = written(r"""["'](#[0-9A-Fa-f]{3,8})["']""") + written(r"(Qt\.GlobalColor\.(?!transparent)\w+)")
    assert used == []
