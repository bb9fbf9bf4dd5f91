"""A sheet over a page: from below, with *Not yet*, the keyboard inside until it closes. Drafts are its content's."""

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.scrim import Scrim, is_escape
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.tab_stops import tab_stops_as_seen
from cmms_desktop.ui.widgets.text import ElidedText
from cmms_desktop.ui.widgets.toast import Toast


class Fitted(QWidget):
    """A content that scrolls where there is no room, and says how high it would be without."""

    def fitted_height(self, width: int) -> int:
        """Give px at a width; without anything that scrolls it is the usual height."""
        return max(self.heightForWidth(width), self.sizeHint().height())


class Sheet(QFrame):
    """One sheet of a page area, used for one content after the other.

    The scrim covers the page area only. `Esc`, *Not yet* and `close_sheet` close it; the content is taken out and
    belongs to whoever opened it.
    """

    closed = Signal()

    def __init__(self, page_area: QWidget) -> None:
        self.scrim = Scrim(page_area)
        super().__init__(page_area)
        self._area = page_area
        set_style(self, kind="sheet")
        self._content: QWidget | None = None
        self._focus_before: QWidget | None = None
        self._widest: int | None = None
        self._is_tall = True
        self._title = ElidedText("", role="title")
        self._detail = ElidedText("", role="small", tone="muted")
        self.not_yet = ActionButton("Not yet", icon="x", role="quiet")
        self.not_yet.clicked.connect(self.close_sheet)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 0)
        self._column.setSpacing(0)
        self._head = self._header()
        self._column.addLayout(self._head)
        self._column.addWidget(Divider())
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        page_area.installEventFilter(self)
        self.hide()

    @property
    def is_open(self) -> bool:
        return self._content is not None

    def open(
        self,
        widget: QWidget,
        title: str,
        *,
        detail: str = "",
        widest: int | None = None,
        tall: bool = True,
        close: str = "Not yet",
    ) -> None:
        """Show a widget under a title.

        Args:
            detail: the quiet line below the title.
            widest: bound of the width in px.
            tall: take three quarters of the page even for a small content.
            close: the word that closes it.
        """
        if self.is_open:
            self.close_sheet()
        for toast in self.window().findChildren(Toast):
            toast.hide()  # it would stand on what the sheet asks
        self._focus_before = QApplication.focusWidget()
        self._content, self._widest, self._is_tall = widget, widest, tall
        self._title.setText(title)
        self.not_yet.set_text(close)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.setAccessibleName(title)
        self._column.addWidget(widget, 1)
        self.scrim.setGeometry(self._area.rect())
        for part in (self.scrim, self, widget):
            part.show()
            if part is not widget:
                part.raise_()
        self._rise()
        self._take_focus()

    def fit(self) -> None:
        """Take the room that the content needs by now, such as for sentences about what was wrong."""
        if self.is_open:
            self._slide.stop()
            self.setGeometry(self._resting_place())

    @Slot()
    def close_sheet(self) -> None:
        """Close without a question; what was typed is the content's to keep."""
        content, self._content = self._content, None
        if content is None:
            return
        self._slide.stop()
        self.hide()
        self.scrim.hide()
        self._column.removeWidget(content)
        content.hide()
        content.setParent(None)
        before, self._focus_before = self._focus_before, None
        if before is not None and isValid(before) and before.isVisible():  # a row may be gone by now
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The kind first: when Python has let go of a widget that Qt has not, its attributes are gone already.
        if event.type() == QEvent.Type.Resize and watched is self._area and self.is_open:
            self.scrim.setGeometry(self._area.rect())
            self.fit()
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002  Qt's name
        """Keep Tab inside: after the last control comes the first."""
        inside = tab_stops_as_seen(self)
        if not inside:
            return True
        now = QApplication.focusWidget()
        at = inside.index(now) if now in inside else -1 if next else 0
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        inside[(at + (1 if next else -1)) % len(inside)].setFocus(reason)
        return True

    def event(self, event: QEvent) -> bool:
        if is_escape(event):  # this Esc is the sheet's, not "back"
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
            return
        super().keyPressEvent(event)

    def _header(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        row = QHBoxLayout()
        row.setContentsMargins(theme().space(6), theme().space(3), theme().space(3), theme().space(3))
        row.setSpacing(theme().space(3))
        row.addLayout(words, 1)
        row.addWidget(self.not_yet)
        return row

    def _take_focus(self) -> None:
        content = self._content
        first = next(
            (each for each in tab_stops_as_seen(self) if content is not None and content.isAncestorOf(each)), None
        )
        (first or self.not_yet).setFocus(Qt.FocusReason.OtherFocusReason)

    def _resting_place(self) -> QRect:
        area = self._area.rect()
        side = theme().space(4) if theme().layout_class(area.width()) != "compact" else 0
        width = min(area.width() - 2 * side, self._widest or area.width())
        if isinstance(self._content, Fitted):
            wished = self._head.sizeHint().height() + self._content.fitted_height(width - 2) + 2
        else:
            wished = max(self.heightForWidth(width) if self.hasHeightForWidth() else 0, self.sizeHint().height())
        room = area.height() - (theme().space(12) if side else theme().space(2))
        height = min(max(wished, room * 3 // 4 if self._is_tall else 0), room)
        return QRect((area.width() - width) // 2, area.height() - height, width, height)

    def _rise(self) -> None:
        place = self._resting_place()
        self.setGeometry(place)
        duration = theme().motion("sheet")
        if duration == 0:
            return
        self._slide.stop()
        self._slide.setDuration(duration)
        self._slide.setStartValue(place.topLeft() + QPoint(0, place.height() // 4))
        self._slide.setEndValue(place.topLeft())
        self._slide.start()
