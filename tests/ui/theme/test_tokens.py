"""The tokens keep what the look promises: contrast in every theme, and every name that anybody uses."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from cmms_desktop.ui.theme import FONT_SETTINGS, THEMES, theme
from cmms_desktop.ui.theme.tokens import load_tokens, look

PAIRS = load_tokens().contrast.pairs
ROLES = sorted(load_tokens().type.roles)


def luminance(color: QColor) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio, 1 to 21."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_knows_its_ends() -> None:
    assert contrast(QColor("#000000"), QColor("#FFFFFF")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("#777777")) == pytest.approx(1)


@pytest.mark.parametrize("name", THEMES)
def test_every_pair_of_colours_can_be_told_apart(name: str) -> None:
    theme().use(name=name)
    least = load_tokens().contrast.minimum[name]
    weak = {
        f"{front} on {back}": round(ratio, 2)
        for front, back, kind in PAIRS
        if (ratio := contrast(theme().color(front), theme().color(back))) < least[kind]
    }
    assert weak == {}


def test_every_theme_says_every_colour() -> None:
    names = {frozenset(colours) for colours in load_tokens().themes.values()}
    assert len(names) == 1
    assert {token for pair in PAIRS for token in pair[:2]} <= next(iter(names))


@pytest.mark.parametrize("setting", FONT_SETTINGS)
def test_no_text_is_smaller_than_twelve_pixels(setting: str) -> None:
    sizes = {role: look("light", setting).px(role) for role in ROLES}
    assert min(sizes.values()) >= 12


def test_text_grows_with_the_setting_and_targets_do_not() -> None:
    heights, targets = [], set()
    for setting in FONT_SETTINGS:
        theme().use(font_setting=setting)
        heights.append((theme().font("body").pixelSize(), theme().line("body"), theme().factor))
        targets.add((theme().target("minimum"), theme().target("answer_width"), theme().target("table_row")))
    assert heights == sorted(set(heights))
    assert targets == {(44, 88, 48)}


def test_sunlight_is_a_step_heavier_and_stands_still() -> None:
    theme().use(name="light")
    usual = (theme().font("body").weight(), theme().border_width, theme().motion("sheet"))
    theme().use(name="sunlight")
    assert (theme().font("body").weight(), theme().border_width, theme().motion("sheet")) == (500, 2, 0)
    assert usual == (400, 1, 160)
    assert theme().motion("toast-visible") == 6000, "waiting is not movement"


def test_less_motion_is_no_motion() -> None:
    theme().use(reduce_motion=True)
    assert (theme().motion("sheet"), theme().motion("state")) == (0, 0)
    theme().use(reduce_motion=False)
    assert theme().motion("sheet") > 0


@pytest.mark.parametrize(("width", "setting", "room"), [
    (800, "normal", "compact"),
    (999, "normal", "compact"),
    (1000, "normal", "regular"),
    (1280, "normal", "regular"),
    (1280, "large", "regular"),
    (1280, "largest", "compact"),
    (1600, "normal", "wide"),
    (1920, "largest", "regular"),
])  # fmt: skip
def test_room_is_width_for_the_size_of_its_text(width: int, setting: str, room: str) -> None:
    theme().use(font_setting=setting)
    assert theme().layout_class(width) == room


def test_the_scrim_is_the_only_colour_that_lets_through() -> None:
    assert theme().color("scrim").alphaF() == pytest.approx(0.55, abs=0.01)
    assert {theme().color(token).alpha() for token in load_tokens().themes["light"] if token != "scrim"} == {255}


def test_what_is_given_out_can_be_changed_without_harm() -> None:
    theme().color("accent").setAlpha(3)
    theme().font("body").setPixelSize(99)
    assert theme().color("accent").alpha() == 255
    assert theme().font("body").pixelSize() == 16


@pytest.mark.parametrize("ask", ["color", "font", "line", "radius", "target", "motion", "icon_size"])
def test_a_name_nobody_declared_is_a_key_error(ask: str) -> None:
    with pytest.raises(KeyError):
        getattr(theme(), ask)("no-such-name")


def test_a_distance_off_the_scale_a_strange_theme_and_a_strange_icon_are_key_errors() -> None:
    for wrong in (
        lambda: theme().space(7),
        lambda: theme().use(name="sepia"),
        lambda: theme().use(font_setting="huge"),
        lambda: theme().pixmap("no-such-icon", "text", 20),
        lambda: theme().motion("easing"),
    ):
        with pytest.raises(KeyError):
            wrong()
    assert theme().name == "light"
