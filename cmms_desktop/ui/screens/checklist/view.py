"""The checklist of an order as a pane: sections left, rows right. Everything in it is answered by finger or by keys."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.bridge.thumbs import Thumbs
from cmms_desktop.ui.screens.checklist.presenter import ChecklistPresenter
from cmms_desktop.ui.screens.checklist.row import row_of
from cmms_desktop.ui.screens.checklist.section_list import SectionList
from cmms_desktop.ui.screens.checklist.section_pages import SectionPages
from cmms_desktop.ui.screens.checklist.states import ChecklistState
from cmms_desktop.ui.text.answer_words import NO_CHECKLIST
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.photo_choice import PhotoChoice
from cmms_desktop.ui.widgets.tab_stops import tab_stops

WITH_LIST_PX = 860
"""Width of the pane, at the normal font size, from which the list of sections stands beside the rows."""
COMPACT_PX = 820


class ChecklistPane(QWidget):
    """A page of an order. `start` it when it is shown first and `stop` it before it goes."""

    progress_changed = Signal(int, int, int)
    """Answered items, items that are asked, mandatory ones without an answer."""
    finish_possible = Signal(bool)
    """Whether nothing is missing."""
    unsaved_changed = Signal(int)
    """Answers that were entered and are not saved."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self._context, self._order_id = context, order_id
        self._state: ChecklistState | None = None
        self._held: ChecklistState | None = None
        self._is_missing_wanted = False
        """Somebody asked for what is missing before the rows were read: he is led there once they are."""
        self._instead: EmptyState | None = None
        self._presenter = ChecklistPresenter(context, self, order_id)
        self._thumbs = Thumbs(context)
        self._photos = PhotoChoice(self)
        self.sections = SectionList()
        self._edge = Divider(vertical=True)
        self.rows = SectionPages(self)
        self._stack = QStackedWidget()
        self._stack.addWidget(QWidget())
        self._build()
        self._connect()

    def start(self) -> None:
        """Show what is there."""
        self._presenter.start()

    def stop(self) -> None:
        """Save what a field still holds, and let go of everything."""
        self.commit()
        self._photos.close()
        self._presenter.close()
        self._thumbs.close()

    # ---- what the order around it asks

    @Slot()
    def show_missing(self) -> None:
        """Go to the next mandatory item without an answer; after the last one to the first."""
        self._is_missing_wanted = self._state is None
        missing = [] if self._state is None else [each.id for each in self._state.missing]
        if not missing:
            return
        row = row_of(QApplication.focusWidget())
        order = self.rows.item_ids
        here = order.index(row.item_id) if row is not None and row.item_id in order else -1
        self.go_to(next((each for each in missing if order.index(each) > here), missing[0]))

    @Slot(str)
    def go_to(self, item_id: str) -> None:
        """Show an item and give it the keyboard."""
        self.rows.go_to(item_id)

    @Slot()
    def commit(self) -> None:
        """Save what is being typed, as if its field was left."""
        row = row_of(QApplication.focusWidget())
        if row is not None and self.isAncestorOf(row):
            row.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_key(self, key: str) -> bool:
        """Answer the item that has the keyboard: 1 2 3, N, C; M goes to what is missing."""
        if key == "M":
            self.show_missing()
            return True
        row = row_of(QApplication.focusWidget())
        return row is not None and self.isAncestorOf(row) and row.press_key(key)

    def take_scan(self, code: str) -> bool:
        """Put a code into the text item that has the keyboard. False: there is none."""
        row = row_of(QApplication.focusWidget())
        return row is not None and self.isAncestorOf(row) and row.take_scan(code)

    # ---- the presenter's view

    def show_state(self, state: ChecklistState) -> None:
        """Show it; not while a finger is down: nothing moves under it."""
        if self._state is not None and QApplication.mouseButtons():
            if self._held is None:
                _application().installEventFilter(self)
            self._held = state
            return
        self._let_go()
        self._apply(state)

    def open_note(self, item_id: str) -> None:
        """Lead to the note, unless the person is on his way to something else already."""
        row = row_of(QApplication.focusWidget())
        if row is not None and row.item_id == item_id and not QApplication.mouseButtons():
            row.open_note()

    def say_gone(self) -> None:
        self._say_instead("This order left this device", "What you entered before is being sent.")

    # ---- what rows ask

    def answer(self, item_id: str, result: str) -> None:
        self._presenter.answer(item_id, result)

    def type_value(self, item_id: str, text: str) -> None:
        self._presenter.type_value(item_id, text)

    def enter_value(self, item_id: str, text: str) -> None:
        self._presenter.enter_value(item_id, text)

    def type_note(self, item_id: str, text: str) -> None:
        self._presenter.type_note(item_id, text)

    def enter_note(self, item_id: str, text: str) -> None:
        self._presenter.enter_note(item_id, text)

    def choose_photo(self, item_id: str) -> None:
        self._photos.open(item_id)

    def show_photo(self, sha256: str) -> None:
        self._context.navigator.open(Place.of("order", order_id=self._order_id, tab="photos"))

    def small_photo(self, sha256: str, then: Callable[[QImage | None], None]) -> None:
        self._thumbs.ask(sha256, then)

    def follow_up(self, item_id: str) -> None:
        self._presenter.follow_up(item_id)

    def open_follow_up(self, item_id: str) -> None:
        self._presenter.open_follow_up(item_id)

    def compare(self) -> None:
        self._presenter.compare()

    def step(self, steps: int) -> bool:
        return self.rows.step(steps)

    # ---- parts

    def _build(self) -> None:
        page = QWidget()
        line = QHBoxLayout(page)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.sections)
        line.addWidget(self._edge)
        line.addWidget(self.rows, 1)
        self._page = page
        self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def _say_instead(self, title: str, text: str) -> None:
        if self._instead is None:
            self._instead = EmptyState("finish", title, text)
            self._stack.addWidget(self._instead)
        self._instead.show_message(title, text)
        self._stack.setCurrentWidget(self._instead)

    def _connect(self) -> None:
        self.sections.section_chosen.connect(self.rows.show_section)
        self.sections.missing_chosen.connect(self.go_to)
        self.rows.section_in_front.connect(self.sections.mark_section)
        self.rows.all_ok_pressed.connect(self._set_section_ok)
        self.rows.everything_ok_pressed.connect(self._set_everything_ok)
        self._photos.chosen.connect(self._add_photo)

    def _apply(self, state: ChecklistState) -> None:
        before, self._state = self._state, state
        if not state.sections:
            self._say_instead(*NO_CHECKLIST)
        else:
            self.rows.show_state(state)
            self.sections.show_state(state)
            self.sections.mark_section(self.rows.section_at_top)
            self._stack.setCurrentWidget(self._page)
        counts = (state.answered, state.total, len(state.missing))
        if before is None or counts != (before.answered, before.total, len(before.missing)):
            self.progress_changed.emit(*counts)
            self.finish_possible.emit(not state.missing)
        if state.unsaved != (0 if before is None else before.unsaved):
            self.unsaved_changed.emit(state.unsaved)
        if self._is_missing_wanted and self.isVisible():
            self.show_missing()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show what was held back as soon as the finger is up and its press is done."""
        if event.type() == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self, self._show_held)
        return False

    @Slot()
    def _show_held(self) -> None:
        if self._held is not None and not QApplication.mouseButtons():
            held = self._held
            self._let_go()
            self._apply(held)

    def _let_go(self) -> None:
        """Forget what was held back: it is shown now, or something newer is."""
        if self._held is not None:
            self._held = None
            _application().removeEventFilter(self)

    def event(self, event: QEvent) -> bool:
        """Save what is being typed before Ctrl+Enter finishes the work; the shortcut itself stays the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.commit()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not event.modifiers() and event.text() and self.take_key(event.text().upper()):
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002  Qt's name
        return self.rows.step_inside(forward=next) or leave(self, forward=next)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() / max(1.0, theme().factor)
        has_list = room >= WITH_LIST_PX
        self.sections.setVisible(has_list)
        self._edge.setVisible(has_list)
        self.rows.set_compact(not has_list and room < COMPACT_PX)

    @Slot(int)
    def _set_section_ok(self, index: int) -> None:
        self._presenter.set_all_ok(index)

    @Slot()
    def _set_everything_ok(self) -> None:
        self._presenter.set_all_ok()

    @Slot(str, tuple)
    def _add_photo(self, item_id: str, paths: tuple[Path, ...]) -> None:
        for path in paths:
            self._presenter.add_photo(item_id, path)


def leave(pane: QWidget, *, forward: bool) -> bool:
    """Give the keyboard to the next stop outside of rows; rows have an order of their own."""
    start = QApplication.focusWidget() or pane
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    stops = tab_stops(pane.window())
    here = stops.index(start) if start in stops else -1
    after = [*stops[here + 1 :], *stops[: max(here, 0)]] if forward else [*stops[:here][::-1], *stops[here + 1 :][::-1]]
    for each in after:
        inner = row_of(each)
        if inner is None or (row_of(start) is None and inner is each):
            each.setFocus(reason)
            return True
    return False


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
