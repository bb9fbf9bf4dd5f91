"""Asking in place: what was pressed turns into a question with *Keep it* and the act in words. Never a dialog."""

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.scrim import is_escape
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text

FALLS_BACK_MS = 10_000


class ConfirmInPlace(QStackedWidget):
    """Holds a button or row and, once asked, the question in its place; unanswered it falls back after 10 s.

    Args:
        widget: what stands there; when it is a button, a press on it asks.
        question: such as "Delete this photo?".
        keep: the harmless answer, "Keep it"; it gets the focus.
        act: verb and object, "Delete photo".
    """

    confirmed = Signal()
    kept = Signal()

    def __init__(
        self,
        widget: QWidget,
        question: str,
        keep: str = "Keep it",
        act: str = "",
        *,
        falls_back_ms: int = FALLS_BACK_MS,
    ) -> None:
        super().__init__()
        self._question = Text(question, role="label")
        self.keep_button = ActionButton(keep)
        self.act_button = ActionButton(act, role="danger-fill")
        self._plain = widget
        self._asking = self._question_page()
        self.addWidget(widget)
        self.addWidget(self._asking)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self, singleShot=True, interval=falls_back_ms)
        self._timer.timeout.connect(self.take_back)
        self.keep_button.clicked.connect(self._keep)
        self.act_button.clicked.connect(self._act)
        self.currentChanged.connect(self.updateGeometry)
        if isinstance(widget, QAbstractButton):
            widget.clicked.connect(self.ask)

    @property
    def is_asking(self) -> bool:
        return self.currentIndex() == 1

    def set_question(self, question: str, act: str) -> None:
        self._question.setText(question)
        self.act_button.set_text(act)

    @Slot()
    def ask(self) -> None:
        """Show the question; the focus goes to the harmless answer."""
        self.setCurrentIndex(1)
        self.keep_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._timer.start()

    @Slot()
    def take_back(self) -> None:
        """Show again what was there."""
        had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self._timer.stop()
        self.setCurrentIndex(0)
        if had_focus:
            self._plain.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        """Ask for the room of the page that shows; heights are equal, so nothing moves under a finger."""
        height = max(page.sizeHint().height() for page in (self._plain, self._asking))
        return QSize(self._shown.sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._shown.minimumSizeHint().width(), self.sizeHint().height())

    @property
    def _shown(self) -> QWidget:
        return self._asking if self.is_asking else self._plain

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_asking and event.key() == Qt.Key.Key_Escape:
            self._keep()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Esc belongs to the question while it shows, not to "back".
        if self.is_asking and is_escape(event):
            event.accept()
            return True
        return super().event(event)

    def _question_page(self) -> QFrame:
        page = QFrame()
        set_style(page, kind="confirm")
        row = QHBoxLayout(page)
        row.setContentsMargins(theme().space(4), theme().space(2), theme().space(3), theme().space(2))
        row.setSpacing(theme().space(3))
        row.addWidget(self._question, 1)
        row.addWidget(self.keep_button)
        row.addWidget(self.act_button)
        return page

    @Slot()
    def _keep(self) -> None:
        self.take_back()
        self.kept.emit()

    @Slot()
    def _act(self) -> None:
        self.take_back()
        self.confirmed.emit()


def is_asking(widget: QWidget | None) -> bool:
    """Whether a widget stands in a question that is open, so that Esc means "keep it"."""
    while widget is not None:
        if isinstance(widget, ConfirmInPlace) and widget.is_asking:
            return True
        widget = widget.parentWidget()
    return False
