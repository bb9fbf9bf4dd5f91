"""The ground of every window test: no display, our theme, and a Qt that says nothing unexpected."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.qt_here import why_qt_is_missing

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

HERE = Path(__file__).parent
PAGES = (HERE / "screens", HERE / "window")
SAID_BY_THE_OFFSCREEN_PLATFORM = (
    r"This plugin does not support (propagateSizeHints\(\)|raise\(\)|grabbing the keyboard)"
)


class WithoutQt(pytest.Module):
    """A test module that cannot even be imported here."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        pytest.skip(why_qt_is_missing(), allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if why_qt_is_missing() and module_path.is_relative_to(HERE):
        return WithoutQt.from_parent(parent, path=module_path)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt fails the test in which it is said, as a warning of ours does; pages are marked as `window`."""
    for item in items:
        if item.path.is_relative_to(HERE):
            if _is_of_a_page(item):
                item.add_marker(pytest.mark.window)
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore(SAID_BY_THE_OFFSCREEN_PLATFORM, extend=True))


def _is_of_a_page(item: pytest.Item) -> bool:
    is_there = any(item.path.is_relative_to(folder) for folder in PAGES)
    return is_there and "qtbot" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    from cmms_desktop.ui.theme import install

    install(qapp)
    return qapp


PATIENCE_MS = 60_000
"""What takes milliseconds takes seconds while both cores of a machine are busy; pytest-qt gives up after five."""


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """The usual one, with our patience."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitCallback"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE_MS))
    return qtbot


FULL_LOOK_EVERY = 25
"""Tests between two looks at all that was ever made; a look at what one test made is quick."""
_tests = itertools.count(1)


@pytest.fixture(autouse=True)
def garbage_of_the_gui_thread() -> Iterator[None]:
    """Look for garbage in the GUI thread alone, as the program does (`app/garbage.py`).

    Left to itself the collector runs in whichever thread allocates, and ends widgets there while they are in use.
    """
    gc.disable()
    yield
    if next(_tests) % FULL_LOOK_EVERY:
        gc.collect(1)
    else:
        gc.collect()
        gc.freeze()  # what is alive between two tests stays: modules, caches, thousands of tests; a second to look at


@pytest.fixture(autouse=True)
def usual_look(qapp: QApplication) -> Iterator[None]:
    """Every test begins in the light theme at the normal size, whatever the one before it tried.

    Every widget wears it, also one without a window of the program around it; the closed ones of earlier tests are
    gone by then, or each switch would dress thousands of them again.
    """
    yield
    _lift_the_finger()
    _end_what_is_closed()
    from cmms_desktop.ui.theme import theme

    theme().dress_only(None)
    if (theme().name, theme().font_setting) != ("light", "normal"):
        theme().use(name="light", font_setting="normal")


def _lift_the_finger() -> None:
    """Qt's double click of a test leaves the button down, and whatever waits for it to come up would wait."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QWidget

    if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
        ground = QWidget()
        ground.show()
        QTest.mouseRelease(ground.windowHandle(), Qt.MouseButton.LeftButton)
        ground.close()
        assert QApplication.mouseButtons() == Qt.MouseButton.NoButton


def _end_what_is_closed() -> None:
    """Delete what `deleteLater` was said to: without an event loop of its own, a test leaves that to a later one."""
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
