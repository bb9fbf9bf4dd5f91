"""The form with which somebody asks to hand an order on: back to the office or to whom, and why."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.hand_on.presenter import BACK, OTHER, HandOnPresenter, HandOnState
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.form_column import lay_out_form
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.segmented import Chips, Segmented
from cmms_desktop.ui.widgets.text import Text

LONGEST_REASON = 1000
"""Characters; a reason is a remark, not a report."""


class HandOnForm(QWidget):
    """For a Sheet; `asked` when the office is asked."""

    asked = Signal()

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self.way = Segmented(((BACK, "Give it back"), (OTHER, "To somebody else")))
        self._who = Text("Who is to take it", role="label")
        self.search = LabelledField("Find by name", placeholder="Name of a person or team")
        self.missing = Text("", role="small", tone="danger", wrap=True)
        self.takers = Chips(())
        self.reason = LabelledField("Why you cannot take it", placeholder="No licence for the lift")
        self.reason.line.setMaxLength(LONGEST_REASON)
        self.send_button = ActionButton("Ask the office", icon="return", role="primary")
        self._note = Text("", role="small", tone="muted", wrap=True)
        self._explains = Text("", role="card-body", wrap=True)
        self._offered: tuple[tuple[str, str], ...] = ()
        lay_out_form(self, self._fields(), name="Hand the order on", explains=self._explains, button=self.send_button)
        self._presenter = HandOnPresenter(context, self, order_id)
        self._presenter.start()
        self.way.chosen.connect(self._enter_way)
        self.search.edited.connect(self._enter_search)
        self.takers.chosen.connect(self._enter_taker)
        self.reason.edited.connect(self._enter_reason)
        self.reason.line.returnPressed.connect(self._presenter.send)
        self.send_button.clicked.connect(self._presenter.send)

    def stop(self) -> None:
        self._presenter.close()

    def primary(self) -> QPushButton:
        """For Ctrl+Enter."""
        return self.send_button

    def show_texts(self, *, search: str, reason: str) -> None:
        self.search.set_text(search)
        self.reason.set_text(reason)

    def show_state(self, state: HandOnState) -> None:
        self.way.set_current(state.way)
        if state.takers != self._offered:
            self._offered = state.takers
            self.takers.set_options(state.takers)
        self.takers.set_keys((state.taker,))
        self._note.setText(state.note)
        self._explains.setText(state.explains)
        is_other = state.way == OTHER
        for part in (self._who, self.takers):
            part.setVisible(is_other)
        self.search.setVisible(is_other and state.is_long)
        self._note.setVisible(is_other and bool(state.note))

    def show_refusal(self, sentence: str | None, *, is_about_reason: bool) -> None:
        self.reason.set_error(sentence if is_about_reason else None)
        self.missing.setText("" if is_about_reason else sentence or "")
        self.missing.setVisible(bool(self.missing.text()))

    def done(self) -> None:
        self.asked.emit()

    def _fields(self) -> QWidget:
        content = ScrolledColumn()
        content.set_margins("regular")
        choice = QHBoxLayout()
        choice.addWidget(self.way)
        choice.addStretch(1)
        content.column.addLayout(choice)
        for part in (self._who, self.search, self.takers, self._note, self.missing, self.reason):
            content.column.addWidget(part)
        self.missing.hide()
        content.column.addStretch(1)
        return content

    @Slot(str)
    def _enter_way(self, key: str) -> None:
        self._presenter.enter(way=key)

    @Slot(str)
    def _enter_search(self, text: str) -> None:
        self._presenter.enter(search=text)

    @Slot(str)
    def _enter_taker(self, key: str) -> None:
        self._presenter.enter(taker=key if key in self.takers.keys() else "")  # noqa: SIM118  the chosen ones

    @Slot(str)
    def _enter_reason(self, text: str) -> None:
        self._presenter.enter(reason=text)
