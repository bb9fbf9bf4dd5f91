"""The History page: one timeline with the device's time and the time of reception."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.models.rows_model import RowsModel
from cmms_desktop.ui.screens.order_history.presenter import HistoryPresenter, HistoryRow, HistoryState
from cmms_desktop.ui.text.faces import TimelineFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.scrolling import list_view
from cmms_desktop.ui.widgets.text import ElidedText
from cmms_desktop.ui.widgets.timeline import TimelineDelegate


class HistoryTab(QWidget):
    """The timeline of one order."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self.model: RowsModel[HistoryRow] = RowsModel(describe=_said, face=_face, parent=self)
        self.list = list_view("History")
        self.list.setItemDelegate(TimelineDelegate(self.list))
        self.list.setModel(self.model)
        self._clock = ElidedText(role="small", tone="muted", tabular=True)
        legend = QHBoxLayout()
        legend.addWidget(ElidedText("Time of the device, then received", role="small", tone="muted"), 1)
        legend.addWidget(self._clock)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setSpacing(theme().space(3))
        self._column.addLayout(legend)
        self._column.addWidget(self.list, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(content)
        self._stack.addWidget(EmptyState("history", "Nothing happened yet", "Every step on the order appears here."))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.arrange("regular")
        theme().changed.connect(self.list.doItemsLayout)
        self._presenter = HistoryPresenter(context, self, order_id)

    def start(self) -> None:
        self._presenter.start()

    def stop(self) -> None:
        self._presenter.close()

    def arrange(self, size_class: str) -> None:
        side = theme().space(4 if size_class == "compact" else 6)
        self._column.setContentsMargins(side, theme().space(4), side, 0)

    def show_state(self, state: HistoryState) -> None:
        self.model.set_rows(state.rows)
        self._clock.setText(state.clock)
        self._stack.setCurrentIndex(0 if state.rows else 1)


def _said(row: HistoryRow) -> str:
    return row.said


def _face(row: HistoryRow) -> TimelineFace:
    return row.face
