"""Scroll areas and lists that a finger can throw: kinetic, per pixel, never sideways by accident.

A finger that scrolls never presses or chooses what it happened to start on; one that catches what glides only holds it.
"""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPointF, QSize, Qt, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QFrame,
    QListView,
    QScrollArea,
    QScroller,
    QScrollerProperties,
    QWidget,
)

from cmms_desktop.ui.theme import theme


def scroll_area(widget: QWidget, *, name: str = "Page") -> QScrollArea:
    """Put a widget into a scroll area that is as wide as its room and scrolls up and down only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)
    area.setWidget(widget)
    make_kinetic(area)
    return area


class RowList(QListView):
    """A list of rows. A finger chooses when it is lifted, so that scrolling chooses nothing; the mouse at once."""

    def __init__(self) -> None:
        super().__init__()
        self._touched = QModelIndex()
        theme().changed.connect(self.doItemsLayout)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if _is_finger(event):
            self._touched = self.indexAt(event.position().toPoint())
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not _is_finger(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not _is_finger(event):
            super().mouseReleaseEvent(event)
            return
        touched, self._touched = self._touched, QModelIndex()
        if touched.isValid() and touched == self.indexAt(event.position().toPoint()):
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.setCurrentIndex(touched)
            self.clicked.emit(touched)

    def forget_touch(self) -> None:
        """Choose nothing when the finger is lifted: it scrolls."""
        self._touched = QModelIndex()


def list_view(name: str, *, uniform: bool = False) -> RowList:
    """Make a list of cards or rows: no frame, one selected row, kinetic scrolling.

    Args:
        name: its accessible name.
        uniform: all rows are of one height, so that thousands are laid out at once (50,000 in 90 ms instead of 300,
            measured); not for lists with headings.
    """
    view = RowList()
    view.setUniformItemSizes(uniform)
    view.setAccessibleName(name)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setIconSize(QSize(0, 0))
    view.setMouseTracking(True)
    make_kinetic(view)
    return view


def make_kinetic(view: QAbstractScrollArea) -> None:
    """Let a finger throw the view. The mouse keeps wheel and scroll bar, so text stays selectable with it."""
    if isinstance(view, QAbstractItemView):
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    viewport = view.viewport()
    QScroller.grabGesture(viewport, QScroller.ScrollerGestureType.TouchGesture)
    scroller = QScroller.scroller(viewport)
    properties = scroller.scrollerProperties()
    off = QScrollerProperties.OvershootPolicy.OvershootAlwaysOff
    properties.setScrollMetric(QScrollerProperties.ScrollMetric.VerticalOvershootPolicy, off)
    properties.setScrollMetric(QScrollerProperties.ScrollMetric.HorizontalOvershootPolicy, off)
    # Qt lets a finger press what glides by slowly, and does not scroll then; here a finger first of all holds it.
    properties.setScrollMetric(QScrollerProperties.ScrollMetric.MaximumClickThroughVelocity, 0.0)
    scroller.setScrollerProperties(properties)
    scroller.stateChanged.connect(_Restraint(view).follow)


def hold_still(widget: QWidget) -> None:
    """Let a finger that is down on this widget scroll nothing around it: it draws, or moves something."""
    around = widget.parentWidget()
    while around is not None:
        if QScroller.hasScroller(around):
            QScroller.scroller(around).stop()
        around = around.parentWidget()


class _Restraint(QObject):
    """Takes back what a finger began to press once it scrolls, and lets it press nothing where it catches a glide."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self._view = view
        self._state = QScroller.State.Inactive
        self._is_catch = False

    @Slot(QScroller.State)
    def follow(self, state: QScroller.State) -> None:
        before, self._state = self._state, state
        if state == QScroller.State.Pressed:
            self._is_catch = before == QScroller.State.Scrolling
        elif state != QScroller.State.Dragging:
            _application().removeEventFilter(self)
        elif self._is_catch:
            _application().installEventFilter(self)  # Qt sends the press on after it has begun to drag
        else:
            self._take_back()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the press that Qt makes of the catching finger from whatever lies under it."""
        if event.type() != QEvent.Type.MouseButtonPress or not isinstance(event, QMouseEvent) or not _is_finger(event):
            return False
        _application().removeEventFilter(self)
        return True

    def _take_back(self) -> None:
        if isinstance(self._view, RowList):
            self._view.forget_touch()
        # The button moves along under the finger, so Qt would call it a click when the finger is lifted.
        for button in self._view.viewport().findChildren(QAbstractButton):
            if button.isDown():
                button.setDown(False)
                QApplication.sendEvent(button, _lifted_far_away())


def _lifted_far_away() -> QMouseEvent:
    """Make the end of a press that is no click; without it the next move would press the button again."""
    return QMouseEvent(
        QEvent.Type.MouseButtonRelease,
        QPointF(-1, -1),
        QPointF(-1, -1),
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )


def _is_finger(event: QMouseEvent) -> bool:
    return event.source() != Qt.MouseEventSource.MouseEventNotSynthesized


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
