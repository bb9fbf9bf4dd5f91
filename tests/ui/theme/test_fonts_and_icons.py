"""What the resources hold is really drawn: Inter in its weights, figures of one width, every icon in every theme."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QIcon, QImage, QPainter
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from cmms_desktop.config import resources_folder
from cmms_desktop.ui.theme import THEMES, theme
from cmms_desktop.ui.theme.tokens import load_tokens

SENTENCE = "Shaft seal free of leaks, 4.2 mm/s"
ICONS = load_tokens().icon.names


def drawn(text: str, *, weight: str, tabular: bool = False) -> QImage:
    image = QImage(600, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setFont(theme().font("heading", weight=weight, tabular=tabular))
    painter.drawText(4, 28, text)
    painter.end()
    return image


def ink(image: QImage) -> int:
    """How dark a picture is in all."""
    return sum(255 - value for value in bytes(image.convertToFormat(QImage.Format.Format_Grayscale8).constBits()))


def test_the_font_of_every_role_is_inter_itself() -> None:
    for role in load_tokens().type.roles:
        assert QFontInfo(theme().font(role)).family().startswith("Inter")
        assert QFontInfo(theme().font(role)).pixelSize() == theme().font(role).pixelSize()


def test_every_weight_is_a_face_of_its_own() -> None:
    weights = ("regular", "medium", "semibold", "bold")
    widths = [QFontMetricsF(theme().font("heading", weight=weight)).horizontalAdvance(SENTENCE) for weight in weights]
    inks = [ink(drawn(SENTENCE, weight=weight)) for weight in weights]
    assert widths == sorted(set(widths))
    assert inks == sorted(set(inks))


def test_tabular_figures_have_one_width() -> None:
    def widths(*, tabular: bool) -> set[float]:
        metrics = QFontMetricsF(theme().font("body", tabular=tabular))
        return {metrics.horizontalAdvance(str(figure) * 10) for figure in range(10)}

    assert len(widths(tabular=True)) == 1
    assert len(widths(tabular=False)) > 1


def test_figures_stay_tabular_under_the_style_sheet(qtbot: QtBot) -> None:
    def width(text: str) -> int:
        label = QLabel(text)
        qtbot.addWidget(label)
        label.setProperty("role", "title")
        label.setFont(theme().font("title", tabular=True))
        label.ensurePolished()
        return label.sizeHint().width()

    assert width("11111") == width("00000")


def test_arabic_greek_cyrillic_and_arrows_have_letters() -> None:
    assert "Noto Sans Arabic" in theme().families
    for text in ("Ελένη", "Ирина", "← → ↑ ↓", "– − × ± ≤ ≥ ° µ ³ … · “ ”"):
        metrics = QFontMetricsF(theme().font("body"))
        assert [sign for sign in text if not metrics.inFontUcs4(ord(sign))] == []


@pytest.mark.parametrize("name", THEMES)
def test_every_icon_draws_something(name: str) -> None:
    theme().use(name=name)
    empty = QImage(24, 24, QImage.Format.Format_ARGB32_Premultiplied)
    empty.fill(0)
    assert [icon for icon in ICONS if theme().pixmap(icon, "text", 24).toImage() == empty] == []


def test_every_icon_file_has_a_name_and_every_name_a_file() -> None:
    assert {path.stem for path in (resources_folder() / "icons").glob("*.svg")} == set(ICONS.values())


def strongest(image: QImage) -> str:
    """The colour of the pixel that lets least through."""
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return max(pixels, key=QColor.alpha).name()


@pytest.mark.parametrize("name", THEMES)
def test_an_icon_has_the_colour_of_its_theme(name: str) -> None:
    theme().use(name=name)
    assert strongest(theme().pixmap("hazard", "danger", 48).toImage()) == theme().color("danger").name()


def test_an_icon_is_drawn_once_and_again_after_a_switch() -> None:
    first = theme().pixmap("travel", "accent", 24)
    assert theme().pixmap("travel", "accent", 24).cacheKey() == first.cacheKey()
    theme().use(name="dark")
    assert theme().pixmap("travel", "accent", 24).toImage() != first.toImage()


def test_lines_are_thicker_in_sunlight() -> None:
    def covered() -> int:
        picture = theme().pixmap("wifi", "text", 48).toImage()
        return sum(picture.pixelColor(x, y).alpha() for x in range(48) for y in range(48))

    usual = covered()
    theme().use(name="sunlight")
    assert covered() > usual


def test_a_fine_screen_gets_a_fine_picture() -> None:
    picture = theme().pixmap("travel", "accent", 24, ratio=2.0)
    assert (picture.width(), picture.deviceIndependentSize().width()) == (48, 24.0)


def test_the_icon_of_a_button_keeps_its_distance_and_greys_with_it(qtbot: QtBot) -> None:
    button = QPushButton("Finish")
    qtbot.addWidget(button)
    button.setIcon(theme().icon("finish", "on-accent", 24, gap=4))
    button.setIconSize(QSize(28, 24))
    picture = button.icon().pixmap(QSize(28, 24)).toImage()
    assert all(picture.pixelColor(x, y).alpha() == 0 for x in range(24, 28) for y in range(24))
    grey = button.icon().pixmap(QSize(28, 24), QIcon.Mode.Disabled).toImage()
    assert strongest(grey) == theme().color("text-disabled").name()
