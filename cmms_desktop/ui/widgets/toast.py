"""A toast: what was just done, with *Undo*. Never for failures, never the only sign of success."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText

WIDEST = 560
"""px at the normal font size."""


MOST_LINES = 3
"""What is longer is read where it was done."""


class Toast(QFrame):
    """At the bottom middle of its parent, above `lift` px; it goes by itself after 6 s and takes no focus."""

    def __init__(self, parent: QWidget, *, visible_ms: int | None = None) -> None:
        super().__init__(parent)
        self._area = parent
        set_style(self, kind="toast")
        self._lift = 0
        self._visible_ms = theme().motion("toast-visible") if visible_ms is None else visible_ms
        self._undo: Callable[[], object] | None = None
        self._words = ElidedText("", role="body", lines=MOST_LINES)
        self.undo_button = ActionButton("Undo", role="quiet")
        self.undo_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.undo_button.clicked.connect(self.undo)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(4), theme().space(1), theme().space(2), theme().space(1))
        row.setSpacing(theme().space(3))
        self._icon = IconLabel("pass", color="on-toast", size="control")
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self.undo_button)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._expire)
        parent.installEventFilter(self)
        self.hide()

    def set_lift(self, lift: int) -> None:
        """Stand this many px above the lower edge of the parent, so above the footer."""
        self._lift = lift
        self._place()

    def show_text(self, text: str, *, undo: Callable[[], object] | None = None, needs_attention: bool = False) -> None:
        """Say what was done; `undo` takes it back. `needs_attention`: it is done, and is no good news."""
        self._undo = undo
        self._icon.set_icon("hazard" if needs_attention else "pass")
        self._words.setText(text)
        self.undo_button.setVisible(undo is not None)
        self.setAccessibleName(text)
        self.show()
        self._place()
        self.raise_()
        self._timer.start(self._visible_ms)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    @property
    def icon(self) -> str:
        return self._icon.icon

    @property
    def text(self) -> str:
        return self._words.text() if self.isVisible() else ""

    @Slot()
    def undo(self) -> None:
        """Take back what the toast tells about, once; also for Ctrl+Z."""
        undo, self._undo = self._undo, None
        self._expire()
        if undo is not None:
            undo()

    @Slot()
    def _expire(self) -> None:
        self._undo = None
        self._timer.stop()
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait while the mouse is on it."""
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self.isVisible():
            self._timer.start(self._visible_ms)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._area and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self._area
        most = min(parent.width() - 2 * theme().space(4), int(WIDEST * max(1.0, theme().factor)))
        width = min(max(self.sizeHint().width(), most // 2), most)
        height = max(self.heightForWidth(width), theme().target("primary"))
        left = (parent.width() - width) // 2
        self.setGeometry(left, parent.height() - self._lift - height - theme().space(3), width, height)
