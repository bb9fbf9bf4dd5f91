"""The one window: bands on top where there are any, and below them the sign-in page or the frame of a session.

It outlives sessions. What a key or a scanner sends reaches whatever is shown; nothing is kept here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import THEMES, theme
from cmms_desktop.ui.widgets.focus_ring import install_focus_ring
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.quick_taps import QuickTaps
from cmms_desktop.ui.widgets.wedge import WedgeFilter
from cmms_desktop.ui.window.training_band import TrainingBand

if TYPE_CHECKING:  # a frame knows the replica, which takes long to load: a window appears before that
    from cmms_desktop.ui.window.frame import Frame

TITLE = "CMMS Field"
TRAINING_TITLE = "Training"
SMALLEST = (480, 400)
USUAL = (1280, 800)


class MainWindow(QFrame):
    """Shows one thing at a time. `theme_wanted` asks for another theme by name; whoever keeps preferences answers."""

    closed = Signal()
    theme_wanted = Signal(str)

    def __init__(self, *, band: QWidget | None = None) -> None:
        super().__init__()
        self.setProperty("kind", "page")
        self.setWindowTitle(TITLE)
        self.setMinimumSize(*SMALLEST)
        self.resize(*USUAL)
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.training = TrainingBand()
        column.addWidget(self.training)
        if band is not None:
            column.addWidget(band)
        column.addWidget(self._stack, 1)
        self._frame: Frame | None = None
        self._wedge = WedgeFilter(theme().application, parent=self)
        self._wedge.scanned.connect(self._scanned)
        self._wedge.start()
        self._taps = QuickTaps(self)
        self._taps.start()
        install_focus_ring(self)
        next_theme = QShortcut(QKeySequence("Ctrl+Shift+L"), self)
        next_theme.setContext(Qt.ShortcutContext.ApplicationShortcut)
        next_theme.activated.connect(self._ask_for_next_theme)
        theme().changed.connect(self._follow_theme)

    @property
    def frame(self) -> Frame | None:
        """The frame of the session that is shown; None: nobody is signed in."""
        return self._frame

    def wear(self, name: str, *, is_training: bool = False) -> str:
        """Be called so from now on, and say whether this is an exercise; give the title."""
        title = f"{TRAINING_TITLE} – {name or TITLE}" if is_training else name or TITLE
        self.setWindowTitle(title)
        self.training.setVisible(is_training)
        return title

    def show_frame(self, frame: Frame) -> None:
        """Show a session. The frame before must have been taken with `take_frame`."""
        self._clear()
        self._frame = frame
        self._stack.addWidget(frame)
        self._stack.setCurrentWidget(frame)

    def take_frame(self) -> None:
        """Let go of the session that is shown: afterwards nothing of it is asked for or told any more."""
        if self._frame is not None:
            self._frame.shut()
        self._clear()

    def show_page(self, page: Page) -> None:
        """Show a page without a session, such as signing in."""
        self.take_frame()
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        page.follow_size()
        page.start()

    def keep_geometry(self) -> str:
        """Give size and place of the window as text, for the next start."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def restore_kept_geometry(self, text: str) -> None:
        """Take a kept size and place; rubbish changes nothing."""
        self.restoreGeometry(QByteArray.fromBase64(text.encode()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of everything; what was entered is saved already."""
        self.take_frame()
        self._wedge.stop()
        self._taps.stop()
        self.closed.emit()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the page without a session follow too."""
        super().resizeEvent(event)
        self._follow_theme()

    @Slot()
    def _follow_theme(self) -> None:
        current = self._stack.currentWidget()
        if isinstance(current, Page):
            current.follow_size()

    def _clear(self) -> None:
        while (shown := self._stack.widget(0)) is not None:
            self._stack.removeWidget(shown)
            if isinstance(shown, Page):
                shown.stop()
            shown.deleteLater()
        self._frame = None

    @Slot(str)
    def _scanned(self, code: str) -> None:
        if self._frame is not None:
            self._frame.take_scan(code)

    @Slot()
    def _ask_for_next_theme(self) -> None:
        names = list(THEMES)
        self.theme_wanted.emit(names[(names.index(theme().name) + 1) % len(names)])
