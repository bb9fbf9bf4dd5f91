"""Rows of widgets by id: built once, updated in place, in slices; and two panes of which one may stand alone."""

from dataclasses import dataclass

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.keyed_column import FIRST_ROWS, KeyedColumn
from cmms_desktop.ui.widgets.two_panes import LIST_PX, TwoPanes
from tests.ui.widgets.showing import show


@dataclass(frozen=True)
class Line:
    """A row of these tests."""

    id: str
    text: str


def column() -> KeyedColumn[Line]:
    return KeyedColumn(lambda line: QLabel(line.text), lambda label, line: label.setText(line.text))


def texts(rows: KeyedColumn[Line]) -> list[str]:
    """What stands on the screen, from top to bottom."""
    labels = sorted(rows.findChildren(QLabel), key=lambda label: label.mapTo(rows, label.rect().center()).y())
    return [label.text() for label in labels if label.isVisible()]


def test_only_what_is_new_is_built_and_what_changed_keeps_its_widget(qtbot: QtBot) -> None:
    rows = show(qtbot, column(), width=400)
    rows.set_rows((Line("a", "one"), Line("b", "two")))
    first = rows.widget("a")
    rows.set_rows((Line("c", "three"), Line("a", "one, changed")))
    qtbot.waitUntil(lambda: texts(rows) == ["three", "one, changed"])
    assert rows.widget("a") is first
    assert rows.widget("b") is None


def test_a_long_record_comes_in_slices_and_is_complete_in_the_end(qtbot: QtBot) -> None:
    rows = show(qtbot, column(), width=400)
    lines = tuple(Line(str(number), f"row {number}") for number in range(60))
    rows.set_rows(lines)
    assert len(rows.widgets()) == FIRST_ROWS
    qtbot.waitSignal(rows.completed)
    qtbot.waitUntil(lambda: rows.is_complete)
    qtbot.waitUntil(lambda: texts(rows) == [line.text for line in lines])


def test_newer_rows_may_arrive_while_slices_are_built(qtbot: QtBot) -> None:
    rows = show(qtbot, column(), width=400)
    rows.set_rows(tuple(Line(str(number), "old") for number in range(40)))
    rows.set_rows(tuple(Line(str(number), "new") for number in range(5, 30)))
    qtbot.waitUntil(lambda: rows.is_complete)
    assert {label.text() for label in rows.widgets()} == {"new"}
    assert len(rows.widgets()) == 25


def test_a_column_without_rows_takes_no_room(qtbot: QtBot) -> None:
    rows = show(qtbot, column(), width=400)
    rows.set_rows((Line("a", "one"),))
    rows.set_rows(())
    assert not rows.isVisible()


def test_the_list_keeps_its_usual_width_until_somebody_drags_the_edge(qtbot: QtBot) -> None:
    panes = TwoPanes(QWidget(), QWidget())
    qtbot.addWidget(panes)
    panes.resize(1192, 600)
    panes.show()
    assert panes.sizes()[0] == LIST_PX[1]
    panes.resize(1500, 600)
    assert panes.sizes()[0] == LIST_PX[1]
    panes.moveSplitter(350, 1)
    panes.resize(1400, 600)
    assert panes.sizes()[0] < LIST_PX[1]


def test_alone_the_panes_take_turns(qtbot: QtBot) -> None:
    left, right = QWidget(), QWidget()
    panes = TwoPanes(left, right)
    qtbot.addWidget(panes)
    panes.resize(800, 400)
    panes.show()
    panes.arrange(is_alone=True)
    assert (left.isVisible(), right.isVisible(), panes.hides_list) == (True, False, False)
    panes.show_detail(True)
    assert (left.isVisible(), right.isVisible(), panes.hides_list) == (False, True, True)
    panes.arrange(is_alone=False)
    assert (left.isVisible(), right.isVisible()) == (True, True)


def test_large_letters_make_the_list_wider(qtbot: QtBot) -> None:
    panes = TwoPanes(QWidget(), QWidget())
    qtbot.addWidget(panes)
    panes.resize(1600, 600)
    panes.show()
    theme().use(font_setting="largest")
    assert panes.sizes()[0] == int(LIST_PX[1] * 1.2)
