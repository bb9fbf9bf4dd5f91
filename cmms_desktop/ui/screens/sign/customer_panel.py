"""The customer's side: he accepts with name and ink, refuses with his reason, or is not here. One choice first."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sign.signing_panel import InkField
from cmms_desktop.ui.screens.sign.state import Choice, Kept, SignProblem, SignState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.fields import LabelledField, LabelledText
from cmms_desktop.ui.widgets.secret_field import SecretField
from cmms_desktop.ui.widgets.segmented import Chips
from cmms_desktop.ui.widgets.text import Text

OPTIONS = (("accept", "Accepts the work"), ("refuse", "Refuses the work"), ("absent", "Is not here"))
REASONS = (
    ("Not finished", "Not finished"),
    ("Fault is still there", "Fault is still there"),
    ("Not what was ordered", "Not what was ordered"),
    ("Damage", "Damage"),
)
ABSENT = "The order is completed without a statement of the customer. He can still sign later, until it is signed off."


class CustomerPanel(QWidget):
    """Asks what the customer says, and then for what that needs."""

    chosen = Signal(str)
    name_edited = Signal(str)
    reason_edited = Signal(str)
    drawn = Signal(object)
    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choices = Chips(OPTIONS)
        self.said = Banner("info", "The customer has answered")
        self.name = LabelledField("Name of the customer")
        self.reason = LabelledText("Why the customer refuses, in his words")
        self.reasons = Chips(REASONS)
        self.ink = InkField("Signature of the customer")
        self.absent = Text(ABSENT, role="card-body", tone="muted", wrap=True)
        self.secret = SecretField("Your password or PIN", hint="You witness what the customer says.")
        self._card = Card(padding=5)
        self._card.body.setSpacing(theme().space(3))
        self._card.body.addWidget(Text("What does the customer say?", role="heading", wrap=True))
        for widget in (
            self.choices, self.said, self.absent, self.reasons, self.reason, self.name, self.ink, self.secret
        ):  # fmt: skip
            self._card.body.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._card)
        column.addStretch(1)
        self._connect()
        self._follow("", has_hand=True)

    def _connect(self) -> None:
        self.choices.chosen.connect(self._choose)
        self.reasons.chosen.connect(self._take_reason)
        self.name.edited.connect(self._tell_name)
        self.reason.edited.connect(self.reason_edited)
        self.ink.drawn.connect(self.drawn)
        self.secret.submitted.connect(self.submitted)

    def show_state(self, state: SignState) -> None:
        """Show what was chosen, and only what it needs."""
        self.choices.set_keys((state.choice,) if state.choice else ())
        self.choices.setVisible(not state.said)
        self.said.setVisible(bool(state.said))
        self.said.show_message("info", state.said or "-", "The order still has to be completed.")
        self.choices.button("absent").setVisible(not state.is_late)
        self._follow("" if state.said else state.choice, has_hand=state.has_hand)

    def restore(self, kept: Kept) -> None:
        """Fill in what was half entered."""
        self.name.set_text(kept.name)
        self.ink.set_name(kept.name)
        self.reason.set_text(kept.reason)
        self.reasons.set_keys(())
        self.ink.set_ink(kept.customer_ink)

    def show_problem(self, problem: SignProblem) -> None:
        """Say what is missing beside what can change it."""
        fields = {"name": self.name, "reason": self.reason, "secret": self.secret}
        for name, field in fields.items():
            field.set_error(problem.sentence if problem.field == name else None)
        self.ink.set_error(problem.sentence if problem.field == "ink" else None)
        if problem.field in fields:
            fields[problem.field].setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self, choice: Choice, *, has_hand: bool) -> None:
        self.absent.setVisible(choice == "absent")
        for widget in (self.reasons, self.reason):
            widget.setVisible(choice == "refuse")
        self.name.setVisible(choice in {"accept", "refuse"})
        self.ink.setVisible(choice == "accept")
        self.secret.setVisible(choice in {"accept", "refuse"} and not has_hand)

    @Slot(str)
    def _choose(self, _pressed: str) -> None:
        self.chosen.emit(next(iter(self.choices.keys()), ""))

    @Slot(str)
    def _take_reason(self, reason: str) -> None:
        """A chip starts the sentence; his own words go on."""
        chosen = self.reasons.keys()
        if reason in chosen:
            rest = self.reason.text().strip()
            self.reason.set_text(f"{reason}. {rest}" if rest else f"{reason}.")
            self.reason_edited.emit(self.reason.text())

    @Slot(str)
    def _tell_name(self, name: str) -> None:
        self.ink.set_name(name)
        self.name_edited.emit(name)
