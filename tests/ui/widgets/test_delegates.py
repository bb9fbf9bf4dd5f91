"""Cards and rows of lists: one height a font size, everything readable, chosen or not, in both directions."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractListModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView, QStyledItemDelegate
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.models.rows_model import RowsModel
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.focus_ring import install_focus_ring
from cmms_desktop.ui.widgets.order_card import OrderCardDelegate
from cmms_desktop.ui.widgets.review_row import ReviewRowDelegate
from cmms_desktop.ui.widgets.scrolling import list_view
from cmms_desktop.ui.widgets.timeline import TimelineDelegate
from tests.ui.widgets.faces import ORDERS, REVIEWS, TIMELINE, Faced
from tests.ui.widgets.showing import colors_of, show

LISTS = [(ORDERS, OrderCardDelegate), (REVIEWS, ReviewRowDelegate), (TIMELINE, TimelineDelegate)]


def shown(qtbot: QtBot, rows: tuple[Faced, ...], delegate: QStyledItemDelegate, width: int = 448) -> QListView:
    view = list_view("Orders of the day")
    model = RowsModel[Faced](describe=Faced.sentence, face=Faced.look, parent=view)
    model.set_rows(rows)
    view.setModel(model)
    delegate.setParent(view)
    view.setItemDelegate(delegate)
    view.setFixedHeight(600)
    return show(qtbot, view, width=width)


def heights(view: QListView) -> list[int]:
    model = view.model()
    assert isinstance(model, QAbstractListModel)
    return [view.visualRect(model.index(number)).height() for number in range(model.rowCount())]


def test_all_cards_are_of_one_height(qtbot: QtBot) -> None:
    view = shown(qtbot, ORDERS, OrderCardDelegate())

    assert len(set(heights(view))) == 1
    assert heights(view)[0] == 124 + 8


def test_a_compact_card_has_two_lines(qtbot: QtBot) -> None:
    delegate = OrderCardDelegate()
    delegate.set_compact(True)
    view = shown(qtbot, ORDERS, delegate, width=784)

    assert set(heights(view)) == {70 + 8}


def test_cards_grow_with_the_text(qtbot: QtBot) -> None:
    view = shown(qtbot, ORDERS, OrderCardDelegate())
    before = heights(view)[0]

    theme().use(font_setting="largest")

    assert heights(view)[0] > before


@pytest.mark.parametrize(("rows", "make"), LISTS)
@pytest.mark.parametrize("name", ["light", "dark", "sunlight"])
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_rows_show_their_words_in_every_theme(
    qtbot: QtBot,
    rows: tuple[Faced, ...],
    make: type[QStyledItemDelegate],
    name: str,
    direction: Qt.LayoutDirection,
) -> None:
    theme().use(name=name)
    view = shown(qtbot, rows, make())
    view.setLayoutDirection(direction)

    colors = colors_of(view)

    assert {theme().color("text").name(), theme().color("text-muted").name()} <= colors


def test_the_chosen_card_stands_out_by_fill_and_border(qtbot: QtBot) -> None:
    view = shown(qtbot, ORDERS, OrderCardDelegate())
    assert theme().color("selection").name() not in colors_of(view)

    view.setCurrentIndex(view.model().index(1, 0))

    assert {theme().color("selection").name(), theme().color("accent").name()} <= colors_of(view)


def test_a_done_order_has_a_check(qtbot: QtBot) -> None:
    done = tuple(row for row in ORDERS if row.id == "order-3")
    view = shown(qtbot, done, OrderCardDelegate())

    assert theme().color("success").name() in colors_of(view)


def test_arrows_skip_headings(qtbot: QtBot) -> None:
    view = shown(qtbot, REVIEWS, ReviewRowDelegate())
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))

    QTest.keyClick(view, Qt.Key.Key_Down)

    assert view.currentIndex().row() == 2


def test_the_row_with_the_keyboard_has_a_ring(qtbot: QtBot) -> None:
    view = shown(qtbot, ORDERS, OrderCardDelegate())
    install_focus_ring(view.window())
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    assert theme().color("focus").name() not in colors_of(view)

    QTest.keyClick(view.window().windowHandle(), Qt.Key.Key_Down)

    assert view.currentIndex().row() == 1
    assert theme().color("focus").name() in colors_of(view)


def test_rows_are_read_as_sentences(qtbot: QtBot) -> None:
    view = shown(qtbot, ORDERS, OrderCardDelegate())
    index = view.model().index(0, 0)

    assert "Pressure drops overnight" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert view.accessibleName() == "Orders of the day"
