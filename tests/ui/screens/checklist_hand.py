"""What a person does with the checklist of a stage, by real events, and what the replica holds afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QFrame, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.checklist_page import ItemLine, checklist_page
from cmms_desktop.ui.screens.checklist.controls import NumberControl, PassFailControl
from cmms_desktop.ui.screens.checklist.row import ItemRow
from cmms_desktop.ui.screens.checklist.view import ChecklistPane
from tests.ui.stage import Stage

LEFT = Qt.MouseButton.LeftButton
Ids = dict[str, str]


class NoStrayWindows(QObject):
    """Notes every window that opens beside the one under test; even a short one takes the keyboard away."""

    def __init__(self, allowed: QWidget) -> None:
        super().__init__()
        self._allowed = allowed
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        is_shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if is_shown and watched is not self._allowed and not isinstance(watched, QFileDialog):
            self.seen.append(type(watched).__name__)
        return False


@contextmanager
def opened(
    qtbot: QtBot, stage: Stage, *, size: tuple[int, int] = (1192, 700), context: Any = None
) -> Iterator[ChecklistPane]:
    window = QFrame()
    window.setProperty("kind", "page")
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    watch = NoStrayWindows(window)
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(watch)
    pane = ChecklistPane(context or stage.context, stage.order_ids[0])
    column.addWidget(pane)
    qtbot.addWidget(window)
    window.resize(*size)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    pane.start()
    settle(qtbot, pane)
    try:
        yield pane
    finally:
        pane.stop()
        app.removeEventFilter(watch)
        window.close()
    assert watch.seen == []


def settle(qtbot: QtBot, pane: ChecklistPane) -> None:
    """Let every row near the window be built."""
    qtbot.waitUntil(lambda: pane.rows.builder.is_idle and pane._held is None)
    QApplication.processEvents()


def row(qtbot: QtBot, pane: ChecklistPane, item_id: str) -> ItemRow:
    """The row of an item, in sight."""
    found = pane.rows.row(item_id)
    pane.rows.builder.bring(pane.rows.place(item_id))
    settle(qtbot, pane)
    return found


def press(qtbot: QtBot, pane: ChecklistPane, widget: QWidget) -> None:
    QApplication.processEvents()
    assert widget.isVisible()
    qtbot.mouseClick(widget, LEFT)
    settle(qtbot, pane)


def answer(qtbot: QtBot, pane: ChecklistPane, item_id: str, result: str) -> ItemRow:
    found = row(qtbot, pane, item_id)
    assert isinstance(found.control, PassFailControl)
    press(qtbot, pane, found.control.answers.button(result))
    return found


def number(qtbot: QtBot, pane: ChecklistPane, item_id: str) -> NumberControl:
    control = row(qtbot, pane, item_id).control
    assert isinstance(control, NumberControl)
    return control


def type_number(qtbot: QtBot, pane: ChecklistPane, item_id: str, text: str) -> NumberControl:
    control = number(qtbot, pane, item_id)
    control.field.edit.setFocus()
    control.field.edit.selectAll()
    qtbot.keyClicks(control.field.edit, text)
    return control


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def lines(stage: Stage, order_id: str | None = None) -> dict[str, ItemLine]:
    """Items as the replica holds them, by id."""
    with stage.session.reading() as reading:
        page = checklist_page(reading, order_id or stage.order_ids[0])
    assert page is not None
    return {line.id: line for line in page.items}


def saved(stage: Stage, item_id: str) -> tuple[str | None, str | None, str | None]:
    line = lines(stage)[item_id]
    return line.result, line.value, line.note


def a_photo(folder: Path, color: str = "#336655") -> Path:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    path = folder / f"photo{color[1:]}.png"
    assert image.save(str(path))
    return path


def choose_photo(qtbot: QtBot, pane: ChecklistPane, path: Path) -> None:
    """Choose a file in the window that is open for it."""
    dialog = pane._photos.dialog
    assert dialog is not None
    assert not dialog.isModal()
    dialog.filesSelected.emit([str(path)])
    with qtbot.waitActive(pane.window()):
        dialog.reject()
        pane.window().activateWindow()
    settle(qtbot, pane)
