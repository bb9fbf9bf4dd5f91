"""Finding where Tab stops leaves every other object as it was."""

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from cmms_desktop.ui.widgets.sheet import Sheet
from cmms_desktop.ui.widgets.tab_stops import tab_stops, tab_stops_as_seen


def shown(qtbot: QtBot) -> tuple[QFrame, QLineEdit]:
    """A page with a field that has an action of its own, as search fields have."""
    page = QFrame()
    qtbot.addWidget(page)
    page.resize(600, 400)
    field = QLineEdit()
    field.setAccessibleName("Search")
    layout = QVBoxLayout(page)
    layout.addWidget(field)
    page.show()
    qtbot.waitExposed(page)
    return page, field


def test_opening_and_closing_a_sheet_voids_nothing_else(qtbot: QtBot) -> None:
    page, field = shown(qtbot)
    action = field.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
    window = page.windowHandle()
    assert action is not None
    assert window is not None
    sheet = Sheet(page)
    for _ in range(3):
        content = QWidget()
        row = QVBoxLayout(content)
        row.addWidget(QLineEdit())
        row.addWidget(QPushButton("Save"))
        sheet.open(content, "Something")
        sheet.focusNextPrevChild(True)
        sheet.close_sheet()
        del content, row
    assert isValid(action)
    assert isValid(window)
    assert action.parent() is field


def test_stops_are_those_that_can_be_reached(qtbot: QtBot) -> None:
    page, field = shown(qtbot)
    off, label = QPushButton("Off"), QLabel("Words")
    off.setEnabled(False)
    layout = page.layout()
    assert layout is not None
    for part in (off, label, QPushButton("On")):
        layout.addWidget(part)
        part.show()
    names = [each.text() if isinstance(each, QPushButton) else "field" for each in tab_stops(page)]
    assert names == ["field", "On"]
    assert tab_stops(page)[0] is field


def test_stops_as_seen_go_down_and_along_the_line(qtbot: QtBot) -> None:
    page, field = shown(qtbot)
    line = QHBoxLayout()
    second, first = QPushButton("Second"), QPushButton("First")
    layout = page.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.addLayout(line)
    line.addWidget(first)
    line.addWidget(second)
    for part in (second, first):
        part.show()
    qtbot.wait(20)
    assert tab_stops_as_seen(page) == [field, first, second]
