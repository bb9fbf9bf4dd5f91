"""All sections in one scrolling column, with the banner of a locked record and *Set all OK* for everything on top."""

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.checklist.desk import RowDesk
from cmms_desktop.ui.screens.checklist.row import ItemRow, row_of
from cmms_desktop.ui.screens.checklist.row_block import RowPlace
from cmms_desktop.ui.screens.checklist.row_builder import RowBuilder
from cmms_desktop.ui.screens.checklist.section_view import SectionView
from cmms_desktop.ui.screens.checklist.states import ChecklistState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.scrolling import scroll_area

_REASON: Final = {True: Qt.FocusReason.TabFocusReason, False: Qt.FocusReason.BacktabFocusReason}


class SectionPages(QWidget):
    """The right pane of a checklist."""

    section_in_front = Signal(int)
    all_ok_pressed = Signal(int)
    everything_ok_pressed = Signal()

    def __init__(self, desk: RowDesk) -> None:
        super().__init__()
        self._desk = desk
        self._views: dict[int, SectionView] = {}
        self._shape: tuple[tuple[str, ...], ...] = ()
        self._asked: tuple[str, ...] = ()
        self._is_compact = False
        self.notice = Banner("info", "", icon="lock")
        self.everything = ActionButton("Set all items OK", icon="set-all-ok")
        self.everything.clicked.connect(self.everything_ok_pressed)
        self._top = QWidget()
        line = QHBoxLayout(self._top)
        line.setContentsMargins(0, 0, 0, 0)
        line.addStretch(1)
        line.addWidget(self.everything)
        body = QWidget()
        self._column = QVBoxLayout(body)
        side, upper = theme().space(4), theme().space(2)
        self._column.setContentsMargins(side, upper, theme().space(1), theme().space(4))  # the scroll bar is the rest
        self._column.setSpacing(theme().space(4))
        self._column.addWidget(self.notice)
        self._column.addWidget(self._top)
        self._column.addStretch(1)
        self.area = scroll_area(body, name="Checklist")
        self.builder = RowBuilder(self.area)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        self.area.verticalScrollBar().valueChanged.connect(self._tell_front)
        self.builder.settled.connect(self._tell_front)

    # ---- showing

    @property
    def places(self) -> tuple[RowPlace, ...]:
        """Places of rows that there are so far, in order."""
        return tuple(place for view in self._views.values() for place in view.open_places())

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Ids of all items, in order."""
        return tuple(item_id for ids in self._shape for item_id in ids)

    def place(self, item_id: str) -> RowPlace:
        """The place of an item, made if need be."""
        return next(view for view in self._views.values() if view.has(item_id)).place(item_id)

    def row(self, item_id: str) -> ItemRow:
        """The row of an item, built if need be."""
        return self.place(item_id).build()

    def section(self, index: int) -> SectionView:
        """The view of a section."""
        return self._views[index]

    def show_state(self, state: ChecklistState) -> None:
        """Show sections; they are rebuilt only when the office issued other items."""
        shape = tuple(tuple(item.id for item in section.items) for section in state.sections)
        if shape != self._shape:
            self._rebuild(state)
            self._shape = shape
        else:
            for section in state.sections:
                self._views[section.index].show_state(section)
        self._asked = tuple(item.id for section in state.sections for item in section.items if item.is_asked)
        self.notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self.notice.show_message("info", *state.notice)
        with_open = sum(section.passable > 0 for section in state.sections)
        self._top.setVisible(with_open > 1)
        self.everything.set_text(f"Set all {state.passable} items OK")
        self.builder.schedule()

    def set_compact(self, is_compact: bool) -> None:
        """Make do with less room."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            for view in self._views.values():
                view.set_compact(is_compact)

    # ---- moving

    @Slot(int)
    def show_section(self, index: int) -> None:
        """Scroll a section to the top."""
        view = self._views.get(index)
        if view is not None:
            self.area.verticalScrollBar().setValue(view.y() - theme().space(2))
            self.section_in_front.emit(index)

    def go_to(self, item_id: str) -> None:
        """Show a row and give it the keyboard."""
        place = self.place(item_id)
        if not place.isHidden():
            self._focus(place, Qt.FocusReason.ShortcutFocusReason)

    @property
    def section_at_top(self) -> int:
        """Index of the section that is in front: the last one that begins in the upper third of the window."""
        edge = self.area.verticalScrollBar().value() + self.area.viewport().height() // 3
        bar = self.area.verticalScrollBar()
        if bar.value() == bar.maximum() > 0 and (row := row_of(QApplication.focusWidget())) is not None:
            for index, view in self._views.items():
                if view.has(row.item_id):
                    return index
        return max((index for index, view in self._views.items() if view.y() <= edge), default=0)

    def step(self, steps: int) -> bool:
        """Move the keyboard to the next row, or the one before. False: there is none."""
        place = self._neighbour(steps)
        if place is not None:
            self._focus(place, Qt.FocusReason.TabFocusReason)
        return place is not None

    def step_inside(self, *, forward: bool) -> bool:
        """Move the keyboard to the next stop of Tab: rows in their order, whenever they were built. False: leave."""
        focus = QApplication.focusWidget()
        row = row_of(focus)
        if row is None or not self.isAncestorOf(row):
            return False
        stops, reason = tab_stops(row), _REASON[forward]
        at = stops.index(focus) + (1 if forward else -1) if focus in stops else 0
        if 0 <= at < len(stops):
            stops[at].setFocus(reason)
            return True
        place = self._neighbour(1 if forward else -1)
        if place is not None:
            self._focus(place, reason)
            if not forward:
                tab_stops(place.build())[-1].setFocus(reason)
        return place is not None

    def _neighbour(self, steps: int) -> RowPlace | None:
        """The place so many rows on from the one that has the keyboard."""
        row = row_of(QApplication.focusWidget())
        if row is None or row.item_id not in self._asked:
            return None
        at = self._asked.index(row.item_id) + steps
        return self.place(self._asked[at]) if 0 <= at < len(self._asked) else None

    def _focus(self, place: RowPlace, reason: Qt.FocusReason) -> None:
        self.builder.bring(place)
        place.build().setFocus(reason)

    # ---- parts

    def _rebuild(self, state: ChecklistState) -> None:
        for view in self._views.values():
            self._column.removeWidget(view)
            view.hide()
            view.deleteLater()
        self._views = {}
        for section in state.sections:
            view = SectionView(self._desk, section)
            view.set_compact(self._is_compact)
            view.all_ok_pressed.connect(self.all_ok_pressed)
            self._views[section.index] = view
            self._column.insertWidget(self._column.count() - 1, view)
        self.builder.set_sections(tuple(self._views.values()))

    @Slot()
    def _tell_front(self) -> None:
        self.section_in_front.emit(self.section_at_top)


def tab_stops(row: ItemRow) -> list[QWidget]:
    """The row and what Tab reaches inside it, from top to bottom."""
    inside = [
        each
        for each in row.findChildren(QWidget)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.isVisibleTo(row) and each.isEnabled()
    ]
    places = {each: each.mapTo(row, each.rect().topLeft()) for each in inside}
    return [row, *sorted(inside, key=partial(_down_then_along, places))]


def _down_then_along(places: dict[QWidget, QPoint], widget: QWidget) -> tuple[int, int]:
    return places[widget].y(), places[widget].x()
