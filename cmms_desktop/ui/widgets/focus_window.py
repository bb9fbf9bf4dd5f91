"""Watching keys and pointers where they enter: at the window that has the keyboard. Widgets' own events pass unseen.

A filter on the application would be asked about every paint, timer and layout of every widget, through Python.
"""

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication, QWindow
from shiboken6 import isValid


class FocusWindowWatch(QObject):
    """Sees what is sent to the window with the keyboard, whichever that is. Override `watch`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._window: QWindow | None = None
        self._is_following = False

    def start(self) -> None:
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        # Once only, and torn down in stop(): a window outlives no watch, a watch may outlive many windows.
        app.focusWindowChanged.connect(self._follow, Qt.ConnectionType.UniqueConnection)
        self._is_following = True
        self._follow(QGuiApplication.focusWindow())

    def stop(self) -> None:
        """Let go of the window. Twice is fine, as closing it is."""
        app = QGuiApplication.instance()
        if self._is_following and isinstance(app, QGuiApplication):
            app.focusWindowChanged.disconnect(self._follow)
        self._is_following = False
        self._follow(None)

    def watch(self, event: QEvent) -> bool:
        """Look at an event; True keeps it from the window."""
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return self.watch(event)

    @Slot(QWindow)
    def _follow(self, window: QWindow | None) -> None:
        if window is self._window:
            return
        # Python's wrapper of a window may be void while the window lives on, once a child window has come and gone.
        if self._window is not None and isValid(self._window):
            self._window.removeEventFilter(self)
            self._window.destroyed.disconnect(self._forget)
        self._window = window
        if window is not None:
            window.installEventFilter(self)
            window.destroyed.connect(self._forget)

    @Slot()
    def _forget(self) -> None:
        self._window = None
