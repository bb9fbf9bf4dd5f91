"""A held change between header and footer: why it waits, what it is, and the supervisor's reason."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.screens.inbox.states import HeldDetail
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.scrolling import scroll_area


class HeldBody(QWidget):
    """Scrolls; `reasoned` tells the reason as it is typed."""

    reasoned = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.problem = Banner("danger", "")
        self.problem.hide()
        self._why = Banner("waiting", "", icon="held")
        self._pairs = KeyValueGrid(2)
        card = Card()
        card.body.addWidget(self._pairs)
        self.reason = LabelledField("Reason", hint="Optional, the technician reads it.")
        self.reason.edited.connect(self.reasoned)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(*(theme().space(n) for n in (5, 4, 5, 4)))
        column.setSpacing(theme().space(4))
        for part in (self.problem, self._why, card, self.reason):
            column.addWidget(part)
        column.addStretch(1)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scroll_area(inside, name="Change sent for review"))

    def show_detail(self, detail: HeldDetail) -> None:
        """Show one held change."""
        self._why.show_message("waiting", detail.sentence)
        self._pairs.set_pairs(detail.pairs)
        self.reason.setVisible(detail.may_decide)
        self.reason.set_text(detail.reason)
        self.problem.setVisible(detail.problem is not None)
        if detail.problem is not None:
            self.problem.show_message("danger", detail.problem)

    def set_compact(self, is_compact: bool) -> None:
        """One pair below another on small windows."""
        self._pairs.set_columns(1 if is_compact else 2)
