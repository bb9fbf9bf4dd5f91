"""Badges: word, icon and colour, drawn alike in lists and on pages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badge_line import paint_badge_line
from cmms_desktop.ui.widgets.badges import BadgeLabel, BadgeRow, badge_size, paint_badge
from tests.ui.widgets.showing import colors_of, show

KINDS = ("neutral", "accent", "success", "warning", "danger", "danger-fill", "info", "state-pending", "state-syncing")
KINDS += ("state-synced", "state-failed", "state-conflict", "state-conflict-fill", "state-offline")
SPECS = tuple(BadgeSpec("warning", "hazard", f"{number} hazards") for number in range(6))


@pytest.mark.usefixtures("qapp")
def test_a_badge_tells_where_it_is() -> None:
    image = QImage(300, 60, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    spec = BadgeSpec("danger", "priority-high", "High")

    at_point = paint_badge(painter, QPoint(10, 4), spec)
    in_rect = paint_badge(painter, QRect(40, 0, 200, 60), spec)
    squeezed = paint_badge(painter, QRect(0, 0, 50, 60), spec)
    painter.end()

    assert at_point == QRect(QPoint(10, 4), badge_size(spec))
    assert abs(in_rect.center().y() - 30) <= 1
    assert squeezed.width() == 50


@pytest.mark.parametrize("name", ["light", "dark", "sunlight"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_shows_in_every_theme(qtbot: QtBot, kind: str, name: str) -> None:
    theme().use(name=name)

    badge = show(qtbot, BadgeLabel(BadgeSpec(kind, "hazard", "Word")))

    assert len(colors_of(badge)) > 3


def test_a_badge_is_read_as_its_word(qtbot: QtBot) -> None:
    badge = show(qtbot, BadgeLabel(BadgeSpec("state-conflict", "conflict", "1 conflict")))

    assert badge.text() == "1 conflict"


def test_badges_wrap_where_the_room_ends(qtbot: QtBot) -> None:
    row = show(qtbot, BadgeRow(SPECS), width=300)
    assert row.height() >= 3 * theme().line("badge")

    row.window().setFixedWidth(1200)
    qtbot.waitUntil(lambda: row.heightForWidth(row.width()) < 2 * theme().line("badge"))


def test_newer_badges_replace_the_old(qtbot: QtBot) -> None:
    row = show(qtbot, BadgeRow(SPECS))

    row.set_specs(SPECS[:1])

    qtbot.waitUntil(lambda: len(row.findChildren(BadgeLabel)) == 1)


@pytest.mark.usefixtures("qapp")
def test_badges_of_a_list_that_do_not_fit_are_counted() -> None:
    image = QImage(600, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)

    narrow = paint_badge_line(painter, QRect(0, 0, 200, 40), SPECS)
    wide = paint_badge_line(painter, QRect(0, 0, 10_000, 40), SPECS)
    painter.end()
    QApplication.processEvents()

    assert 0 < narrow <= 200 < wide
