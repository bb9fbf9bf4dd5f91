"""The timeline beside an order under review: what happened, by the device's clock and when it was received."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.models.rows_model import RowsModel
from cmms_desktop.ui.screens.review.state import TimelineRow
from cmms_desktop.ui.text.faces import TimelineFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.painting import circle_px
from cmms_desktop.ui.widgets.scrolling import list_view
from cmms_desktop.ui.widgets.text import Text
from cmms_desktop.ui.widgets.timeline import COLUMN, GAP, TimelineDelegate

WIDTH = 268
"""px of the pane at the normal size of text."""


class TimelinePane(QWidget):
    """A list of TimelineRow under the captions of its two times."""

    def __init__(self) -> None:
        super().__init__()
        self.model: RowsModel[TimelineRow] = RowsModel(describe=_said, face=_face, parent=self)
        self.list = list_view("Timeline")
        self.list.setItemDelegate(TimelineDelegate(self.list))
        self.list.setModel(self.model)
        self._device = Text("Device", role="caption", tone="muted", weight="medium")
        self._received = Text("Received", role="caption", tone="muted", weight="medium")
        captions = QHBoxLayout()
        captions.setContentsMargins(circle_px() + GAP, 0, 0, 0)
        captions.setSpacing(0)
        captions.addWidget(self._device)
        captions.addWidget(self._received, 1)
        self._clock = Text("", role="small", tone="muted", wrap=True)
        self._clock_row = QWidget()
        row = QHBoxLayout(self._clock_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(IconLabel("clock", color="text-muted", size="inline"))
        row.addWidget(self._clock, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*(theme().space(n) for n in (4, 3, 4, 3)))
        self._column.setSpacing(theme().space(2))
        self._title = Text("Timeline", role="label", tone="muted")
        self._column.addWidget(self._title)
        self._column.addLayout(captions)
        self._column.addWidget(self.list, 1)
        self._column.addWidget(Divider())
        self._column.addWidget(self._clock_row)
        self._is_inline = False
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def show_rows(self, rows: tuple[TimelineRow, ...], *, day: str, clock: str) -> None:
        """Show what happened; times without a day are of `day`; `clock` says how far the device's was off."""
        self.model.set_rows(rows)
        self._title.setText(f"Timeline, {day}" if day else "Timeline")
        self._clock.setText(clock)
        self._clock_row.setVisible(bool(clock))
        self._follow_theme()

    def set_inline(self, is_inline: bool) -> None:
        """Stand among other things and be as high as the list, or beside them and scroll."""
        self._is_inline = is_inline
        self._follow_theme()

    @Slot()
    def _follow_theme(self) -> None:
        factor = max(1.0, theme().factor)
        self._device.setFixedWidth(int(COLUMN * factor))
        row = theme().line("card-body") + theme().line("caption") + GAP
        self.list.setMinimumHeight(row * self.model.rowCount() if self._is_inline else 0)
        self.setFixedWidth(int(WIDTH * factor)) if not self._is_inline else self.setMaximumWidth(16_777_215)
        if self._is_inline:
            self.setMinimumWidth(0)
        self.list.doItemsLayout()


def _said(row: TimelineRow) -> str:
    return row.said


def _face(row: TimelineRow) -> TimelineFace:
    return row.face
