"""Builds the rows that are near the window, a few milliseconds at a time, and keeps still what a person looks at.

Rows take their true height when they are built. What stands at the top of the window, or has the keyboard, stays where
it is meanwhile.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QScrollArea

from cmms_desktop.ui.screens.checklist.row import row_of
from cmms_desktop.ui.screens.checklist.row_block import RowPlace
from cmms_desktop.ui.screens.checklist.section_view import SectionView

SLICE_S: Final = 0.006
"""Time for building in one go; the last row may go beyond it by its own few milliseconds."""
AHEAD: Final = 0.75
"""Rows are built this many window heights before they come into sight, above and below."""
MOST_BUILT: Final = 80
FAR: Final = 3
"""With more rows than that, those further away than so many window heights are dropped again, a few at a time."""
DROPPED_AT_ONCE: Final = 8


class RowBuilder(QObject):
    """For one scroll area whose widget has the sections in its layout."""

    settled = Signal()
    """Everything near the window is built and stands where it belongs."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(area)
        self._area = area
        self._sections: Sequence[SectionView] = ()
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._slice)
        area.verticalScrollBar().valueChanged.connect(self.schedule)
        area.viewport().installEventFilter(self)

    def set_sections(self, sections: Sequence[SectionView]) -> None:
        """Build rows of these from now on."""
        self._sections = sections
        self.schedule()

    @Slot()
    def schedule(self) -> None:
        """Look for rows to build as soon as nothing else is to be done."""
        if not self._timer.isActive():
            self._timer.start()

    @property
    def is_idle(self) -> bool:
        """Whether everything near the window is built."""
        return not self._timer.isActive()

    def bring(self, place: RowPlace) -> None:
        """Build a row and scroll it into the window, a little below its upper edge."""
        place.build()
        settle()
        top = self._top_of(place)
        height = self._area.viewport().height()
        bar = self._area.verticalScrollBar()
        if not bar.value() <= top <= bar.value() + height - place.height():
            bar.setValue(top - min(height // 4, max(0, height - place.height()) // 2))
        self.schedule()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Show}:
            self.schedule()
        return False

    @Slot()
    def _slice(self) -> None:
        if not self._area.isVisible():
            return
        until = time.perf_counter() + SLICE_S
        anchor = self._anchor()
        before = 0 if anchor is None else self._top_of(anchor)
        wanted = self._wanted()
        for place in wanted:
            place.build()
            if time.perf_counter() >= until:
                break
        if wanted:
            settle()
            if anchor is not None:
                self._area.verticalScrollBar().setValue(
                    self._area.verticalScrollBar().value() + self._top_of(anchor) - before
                )
        if wanted or self._drop_far():
            self.schedule()
        else:
            self.settled.emit()

    def _drop_far(self) -> bool:
        """Drop some rows far from the window. False: there are none to drop."""
        built = [place for section in self._sections for place in section.open_places() if place.row is not None]
        if len(built) <= MOST_BUILT:
            return False
        top, height = self._area.verticalScrollBar().value(), self._area.viewport().height()
        used = row_of(QApplication.focusWidget())
        far = [
            place
            for place in built
            if place.row is not used and not -FAR * height < self._top_of(place) - top < (FAR + 1) * height
        ]
        for place in far[:DROPPED_AT_ONCE]:
            place.drop()
        return bool(far)

    def _wanted(self) -> list[RowPlace]:
        """Places without a row near the window, those in sight first."""
        top, height = self._area.verticalScrollBar().value(), self._area.viewport().height()
        in_sight = self._unbuilt(top, top + height)
        return in_sight or self._unbuilt(top - int(AHEAD * height), top + height + int(AHEAD * height))

    def _unbuilt(self, top: int, bottom: int) -> list[RowPlace]:
        return [place for place in self._places(top, bottom) if place.row is None]

    def _places(self, top: int, bottom: int) -> Iterator[RowPlace]:
        """Places of shown rows between two heights of the whole column."""
        for section in self._sections:
            if section.y() <= bottom and section.y() + section.height() >= top:
                yield from section.places_in(top - section.y(), bottom - section.y())

    def _anchor(self) -> RowPlace | None:
        """The row with the keyboard, else the first one that begins in the window."""
        top, height = self._area.verticalScrollBar().value(), self._area.viewport().height()
        if top == 0:
            return None  # what comes above is seen then
        row = row_of(QApplication.focusWidget())
        place = None if row is None else row.parentWidget()
        if isinstance(place, RowPlace) and self._area.isAncestorOf(place) and top <= self._top_of(place) < top + height:
            return place
        return next((each for each in self._places(top, top + height) if self._top_of(each) >= top), None)

    def _top_of(self, place: RowPlace) -> int:
        body = self._area.widget()
        return 0 if body is None else place.mapTo(body, QPoint(0, 0)).y()


def settle() -> None:
    """Let layouts take their new sizes now, before anything is painted."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
