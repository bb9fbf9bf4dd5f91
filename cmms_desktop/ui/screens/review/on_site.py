"""The supervisor signs here: on a technician's installation, with his own password and his own key.

A sheet for the order page. The technician's replica carries what he signs; whose signature it is stands in it.
"""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.review.decision_bar import DecisionBar
from cmms_desktop.ui.screens.review.on_site_presenter import OnSitePresenter, OnSiteState
from cmms_desktop.ui.screens.review.state import DecisionProblem, Mode
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.segmented import Chips, Segmented
from cmms_desktop.ui.widgets.text import Text


class SupervisorSheet(QWidget):
    """Content of a Sheet: who signs, approve or return, why, and his password. `done` once it is written."""

    done = Signal()

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self.people = Chips(())
        self.choice = Segmented((("approve", "Approve"), ("return", "Return")))
        self.bar = DecisionBar()
        self.decide = ActionButton("Approve", icon="approve", role="primary")
        self._message = Banner("danger", "-")
        self._message.hide()
        self._nobody = EmptyState(
            "people", "No supervisor is enrolled here", "He signs in once on this device, with a network. Then he can."
        )
        self._who = Text("Who signs", role="label")
        fields = QWidget()
        form = QVBoxLayout(fields)
        side = theme().space(6)
        form.setContentsMargins(side, theme().space(4), side, theme().space(2))
        form.setSpacing(theme().space(3))
        for widget in (self._message, self._who, self.people, self.choice, self.bar):
            form.addWidget(widget)
        form.setAlignment(self.choice, Qt.AlignmentFlag.AlignLeft)
        form.addStretch(1)
        self._form = QWidget()
        outer = QVBoxLayout(self._form)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll_area(fields, name="Sign here"), 1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(side, theme().space(2), side, theme().space(3))
        buttons.addStretch(1)
        buttons.addWidget(self.decide)
        outer.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._form)
        column.addWidget(self._nobody)
        self._presenter = OnSitePresenter(context, self, order_id)
        self.people.chosen.connect(self._choose_person)
        self.choice.chosen.connect(self._choose_mode)
        self.bar.reason_edited.connect(self._presenter.keep_reason)
        self.bar.submitted.connect(self._press)
        self.decide.clicked.connect(self._press)
        self._presenter.start()

    def stop(self) -> None:
        """Let go of everything; the sheet is closed."""
        self._presenter.close()

    def primary(self) -> QPushButton | None:
        """The one action of the sheet, for Ctrl+Enter."""
        return self.decide if self.decide.isVisibleTo(self) else None

    # ---- the presenter's view

    def show_state(self, state: OnSiteState) -> None:
        self._nobody.setVisible(not state.people)
        self._form.setVisible(bool(state.people))
        self.people.set_options(tuple((person.person_id, person.name) for person in state.people))
        self.people.set_keys((state.person_id,) if state.person_id else ())
        self.choice.set_current(state.mode)
        self.bar.show_mode(state.mode)
        self.decide.set_text(f"Return {state.number}" if state.mode == "return" else f"Approve {state.number}")
        self.decide.set_icon("return" if state.mode == "return" else "approve")
        self.decide.set_busy(state.is_busy)
        self.decide.setVisible(not state.refusal)
        self._show_message(state.refusal)

    def show_problem(self, problem: DecisionProblem) -> None:
        self.bar.show_problem(problem)
        if problem.sentence and not problem.field:
            self._show_message(problem.sentence)
            self.bar.secret.clear()
        elif problem.field == "secret":
            self.bar.secret.clear()

    def show_reason(self, reason: str) -> None:
        self.bar.show_reason(reason)

    def finished(self) -> None:
        self.bar.secret.clear()
        self.done.emit()

    # ---- inside

    def _show_message(self, sentence: str) -> None:
        self._message.setVisible(bool(sentence))
        if sentence:
            self._message.show_message("danger", sentence)

    @Slot(str)
    def _choose_person(self, person_id: str) -> None:
        self._presenter.choose_person(person_id)

    @Slot(str)
    def _choose_mode(self, mode: str) -> None:
        modes: dict[str, Mode] = {"approve": "approve", "return": "return"}
        self._presenter.choose_mode(modes.get(mode, "approve"))

    @Slot()
    def _press(self) -> None:
        self._presenter.decide(self.bar.reason.text(), self.bar.secret.text())
