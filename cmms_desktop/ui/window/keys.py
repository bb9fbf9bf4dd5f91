"""The keyboard map of guide.md §7: shortcuts of the frame, and single letters for the page on top."""

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.confirm import is_asking
from cmms_desktop.ui.widgets.key_cap import KeyCap
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.sheet import Fitted, Sheet
from cmms_desktop.ui.widgets.tab_stops import tab_stops
from cmms_desktop.ui.widgets.text import Text

KEYS: Final = (
    ("Ctrl K", "Search this device"),
    ("F2", "Scan or type a label"),
    ("Ctrl 1 … 6", "Places of the rail"),
    ("Ctrl Enter", "The one action at the bottom"),
    ("Esc, Alt ←", "Back"),
    ("F5", "Sync now"),
    ("F6", "Next pane"),
    ("Ctrl Z", "Undo the last “set all OK”"),
    ("Ctrl Shift L", "Next theme: light, dark, sunlight"),
    ("1 2 3", "Checklist: pass, flag, fail"),
    ("N C M", "Checklist: note, photo, next missing"),
    ("J K A R E", "Review: next, previous, approve, return, expand"),
    ("T O E", "Conflicts: keep technician’s, keep office’s, edit"),
)
MOVING: Final = "JKM"
"""Letters that lead on: held down they lead on and on."""
FIELDS: Final = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox)
"""Widgets in which a letter is a letter."""


class Keyed(Protocol):
    """What the keys reach: a frame."""

    @property
    def page(self) -> Page | None:
        """The page on top."""
        ...

    def open_search(self) -> None: ...
    def open_scan(self) -> None: ...
    def back(self) -> None: ...
    def undo(self) -> None: ...
    def sync_now(self) -> None: ...
    def open_numbered(self, number: int) -> None: ...
    def show_keys(self) -> None: ...
    def panes(self) -> tuple[QWidget, ...]: ...


class FrameKeys(QObject):
    """Shortcuts for one frame. Letters go to the page only while no field has the focus."""

    def __init__(self, frame: Keyed, widget: QWidget) -> None:
        super().__init__(widget)
        self._frame, self._widget = frame, widget
        wanted: dict[str, Callable[[], object]] = {
            "Ctrl+K": frame.open_search,
            "F2": frame.open_scan,
            "Ctrl+Return": self._press_primary,
            "Ctrl+Enter": self._press_primary,
            "Alt+Left": frame.back,
            "F5": frame.sync_now,
            "F6": partial(self._next_pane, forward=True),
            "Shift+F6": partial(self._next_pane, forward=False),
            "F1": frame.show_keys,
            "Ctrl+Z": frame.undo,
        }
        for number in range(1, 7):
            wanted[f"Ctrl+{number}"] = partial(frame.open_numbered, number)
        for keys, action in wanted.items():
            shortcut = QShortcut(QKeySequence(keys), widget)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(action)
        self._watched: QWidget | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_focus)
        QTimer.singleShot(0, self, self._begin)  # by then the frame stands in its window

    @Slot()
    def _begin(self) -> None:
        self._follow_focus(None, QApplication.focusWidget())

    @Slot(QWidget, QWidget)
    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        """Watch whoever gets the keys, and nobody else: every event of a watched widget passes through Python.

        While nothing has the focus the window itself gets them.
        """
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = now or (self._widget.window() if isValid(self._widget) else None)
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Esc and single letters that no field and no control wanted."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        return self._is_ours(watched) and self.take(event)

    def take(self, event: QKeyEvent) -> bool:
        """Use a key press; False: it means nothing here."""
        focus = QApplication.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            if _is_in_sheet(focus) or is_asking(focus):
                return False  # the sheet closes itself, a question falls back
            self._frame.back()
            return True
        is_plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if not is_plain or isinstance(focus, FIELDS) or _is_in_sheet(focus):
            return False
        text = event.text()
        page = self._frame.page
        if len(text) != 1 or not text.isalnum() or page is None:
            return False
        if event.isAutoRepeat() and text.upper() not in MOVING:
            return True  # held down, a key that answers would answer and take back, again and again
        return page.take_key(text.upper())

    def _is_ours(self, watched: QObject) -> bool:
        """Every key press passes here once for each widget that may take it; look at it where it arrives."""
        focus = QApplication.focusWidget()
        if focus is None:
            return watched is self._widget.window()
        return watched is focus and self._widget.isAncestorOf(focus)

    def _press_primary(self) -> None:
        page = self._frame.page
        button = page.primary() if page is not None else None
        if button is not None and button.isEnabled():
            button.click()

    def _next_pane(self, *, forward: bool) -> None:
        """Move the focus to the first control of the next pane: rail, strip, then the panes of the page."""
        panes = [pane for pane in self._frame.panes() if pane.isVisible()]
        focus = QApplication.focusWidget()
        here = next((n for n, pane in enumerate(panes) if focus and pane.isAncestorOf(focus)), -1)
        target = panes[(here + (1 if forward else -1)) % len(panes)]
        stops = tab_stops(target)
        if stops:
            stops[0].setFocus(Qt.FocusReason.ShortcutFocusReason)


def _is_in_sheet(widget: QWidget | None) -> bool:
    while widget is not None and not isinstance(widget, Sheet):
        widget = widget.parentWidget()
    return widget is not None


class KeyList(Fitted):
    """Every key and what it does; scrolls where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = QWidget()
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scroll_area(self._lines, name="Keys"))
        grid = QGridLayout(self._lines)
        grid.setContentsMargins(theme().space(6), theme().space(4), theme().space(6), theme().space(6))
        grid.setHorizontalSpacing(theme().space(6))
        grid.setVerticalSpacing(theme().space(2))
        grid.setColumnStretch(1, 1)
        for row, (keys, what) in enumerate(KEYS):
            grid.addWidget(KeyCap(keys), row, 0)
            grid.addWidget(Text(what, role="card-body"), row, 1)

    def fitted_height(self, width: int) -> int:
        """As high as all of its lines, so that nothing scrolls by a pixel."""
        return self._lines.sizeHint().height() + theme().space(1)
