"""The left side of the arrive sheet: the drawing, and the evidence as it will be kept."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.arrive.drawing import FenceDrawing
from cmms_desktop.ui.screens.arrive.states import ArriveState
from cmms_desktop.ui.text.arrival_words import DRAWN
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import KeyValueGrid
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text


class FactsPane(QFrame):
    """Drawing, six facts, and what the drawing is."""

    def __init__(self) -> None:
        super().__init__()
        set_style(self, kind="page")
        self.drawing = FenceDrawing()
        self._facts = KeyValueGrid(3)
        note = QWidget()
        line = QHBoxLayout(note)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme().space(2))
        line.addWidget(
            IconLabel("info", color="text-muted", size="inline", line="caption"), 0, Qt.AlignmentFlag.AlignTop
        )
        line.addWidget(Text(DRAWN, role="caption", tone="muted", wrap=True), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().space(6), theme().space(4), theme().space(6), theme().space(4))
        column.setSpacing(theme().space(4))
        column.addWidget(self.drawing, 1)
        column.addWidget(self._facts)
        column.addWidget(note)

    def show_state(self, state: ArriveState) -> None:
        """Show where things stand."""
        self.drawing.show_drawing(state.drawing)
        self._facts.set_pairs(state.facts)
