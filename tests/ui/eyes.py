"""What a person can see on a window: words, names of controls, rows of lists, and whether something is covered."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QScroller,
    QWidget,
)

Row = tuple[QListView, QModelIndex]


def texts(window: QWidget) -> Iterator[str]:
    """Everything that is written somewhere, also where one has to scroll to it; buttons by their name, too."""
    for each in window.findChildren(QWidget):
        if not each.isVisible():
            continue
        if isinstance(each, QLabel | QLineEdit | QAbstractButton):
            yield each.text()
        elif isinstance(each, QPlainTextEdit):
            yield each.toPlainText()
        if each.accessibleName():
            yield each.accessibleName()
    for row in rows(window):
        yield said(row)


def names(widget: QWidget) -> tuple[str, ...]:
    """What a control is called: by the words on it, or by its accessible name."""
    words = widget.text() if isinstance(widget, QAbstractButton) else ""
    return tuple(each for each in (words, widget.accessibleName()) if each)


def is_called(widget: QWidget, words: str) -> bool:
    """Whether a control has this name; * in it stands for anything."""
    return any(name == words or fnmatchcase(name, words) for name in names(widget))


def rows(window: QWidget) -> Iterator[Row]:
    """Rows of the lists that are shown, from the top."""
    for view in window.findChildren(QListView):
        model = view.model()
        if view.isVisible() and model is not None:
            for number in range(model.rowCount()):
                yield view, model.index(number, 0)


def said(row: Row) -> str:
    """A row as a screen reader reads it."""
    view, index = row
    return str(view.model().data(index, Qt.ItemDataRole.AccessibleTextRole) or index.data() or "")


def middle_of(widget: QWidget) -> QPoint:
    """The middle of a widget, in its window."""
    return widget.mapTo(widget.window(), widget.rect().center())


def uncovered(widget: QWidget, part: QRect) -> QPoint | None:
    """Where in the window a press would reach a part of a widget: its middle, or beside what covers that."""
    for across in (2, 4, 1.3):
        at = widget.mapTo(widget.window(), part.topLeft() + QPoint(int(part.width() / across), part.height() // 2))
        hit = widget.window().childAt(at)
        if hit is not None and (hit is widget or widget.isAncestorOf(hit)):
            return at
    return None


def out_of_sight(widget: QWidget, part: QRect | None = None) -> tuple[QAbstractScrollArea, int] | None:
    """Which area has to be scrolled, and how far down, to see the middle of a widget or of a part of it."""
    part = part or widget.rect()
    around = widget.parentWidget()
    while around is not None:
        view = around.viewport() if isinstance(around, QAbstractScrollArea) else None
        if (
            isinstance(around, QAbstractScrollArea)
            and view is not None
            and (view is widget or view.isAncestorOf(widget))
        ):
            middle = widget.mapTo(view, part.center()).y()
            margin = min(part.height() // 2 + 4, view.height() // 2 - 1)
            if middle > view.height() - margin:
                return around, middle - view.height() + margin
            if middle < margin:
                return around, middle - margin
        around = around.parentWidget()
    return None


def is_gliding(widget: QWidget | None) -> bool:
    """Whether what a finger has thrown still carries a widget along; on a busy machine it may look still."""
    while widget is not None:
        if QScroller.hasScroller(widget) and QScroller.scroller(widget).state() == QScroller.State.Scrolling:
            return True
        widget = widget.parentWidget()
    return False


def file_chooser() -> QFileDialog | None:
    """The chooser for files, while one is open."""
    for each in QApplication.topLevelWidgets():
        if isinstance(each, QFileDialog) and each.isVisible():
            return each
    return None
