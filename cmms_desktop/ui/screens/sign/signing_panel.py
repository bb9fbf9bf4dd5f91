"""The technician's side of signing: who signs as what, the pad for his ink, and the password that proves it is him."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sign.state import Ink, SignProblem, SignState
from cmms_desktop.ui.screens.sign.typed_ink import typed_ink
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid
from cmms_desktop.ui.widgets.field_frame import FieldFrame
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.secret_field import SecretField
from cmms_desktop.ui.widgets.signature_pad import SignaturePad
from cmms_desktop.ui.widgets.styling import set_tip
from cmms_desktop.ui.widgets.text import ElidedText, Text

SIDES_UP_TO = 1.2
"""Largest font factor at which pad and password fit side by side on a small window."""


class InkField(QWidget):
    """The signature pad with its label, *Undo*, *Clear*, and the typed name for who cannot draw."""

    drawn = Signal(object)
    """The strokes, after each of them."""

    def __init__(self, name: str = "Signature") -> None:
        """Name it for screen readers; what is seen is one word, as it shares its line with three buttons."""
        super().__init__()
        self.pad = SignaturePad(name=name)
        self.pad.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.undo_button = ActionButton("Undo", icon="undo-2", role="quiet")
        self.undo_button.setAccessibleName("Take the last stroke away")
        self.clear_button = ActionButton("Clear", icon="rotate-ccw", role="quiet")
        self.type_button = ActionButton("Type it", icon="keyboard", role="quiet")
        self.type_button.setAccessibleName("Write the name instead of drawing it")
        set_tip(self.type_button, "Write the name instead of drawing it")
        self._name = ""
        self._frame = FieldFrame("", self.pad, name=name)
        head = QHBoxLayout()
        head.setSpacing(theme().space(1))
        head.addWidget(ElidedText("Signature", role="label"), 1)
        head.addWidget(self.type_button)
        head.addWidget(self.undo_button)
        head.addWidget(self.clear_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addLayout(head)
        column.addWidget(self._frame, 1)
        self.pad.changed.connect(self._tell)
        self.undo_button.clicked.connect(self.pad.undo_stroke)
        self.clear_button.clicked.connect(self.pad.clear)
        self.type_button.clicked.connect(self._type)

    def set_name(self, name: str) -> None:
        """Say whose name is written when he does not draw."""
        self._name = name

    def set_ink(self, ink: Ink) -> None:
        """Show kept strokes without telling."""
        if self.pad.strokes() != ink:
            self.pad.set_strokes(ink)

    def set_error(self, sentence: str | None) -> None:
        """Say what is missing, below the pad."""
        self._frame.set_error(sentence)

    @Slot()
    def _tell(self) -> None:
        self.drawn.emit(self.pad.strokes())

    @Slot()
    def _type(self) -> None:
        self.pad.set_strokes(typed_ink(self._name, self.pad.size()))
        self._tell()


class SigningPanel(QWidget):
    """Facts, pad and password in one card; on small windows pad and password stand side by side."""

    drawn = Signal(object)
    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._facts = KeyValueGrid(2)
        self.ink = InkField()
        self.secret = SecretField("Your password or PIN")
        self._card = Card(padding=5)
        self._sides = QGridLayout()
        self._sides.setHorizontalSpacing(theme().space(5))
        self._sides.setVerticalSpacing(theme().space(3))
        self._card.body.addLayout(self._sides)
        self._next = _NextCard()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(3))
        column.addWidget(self._card)
        column.addWidget(self._next)
        column.addStretch(1)
        self.ink.drawn.connect(self.drawn)
        self.secret.submitted.connect(self.submitted)
        self._is_compact = False
        self.set_compact(False)
        theme().changed.connect(self._follow_theme)

    def set_compact(self, is_compact: bool) -> None:
        """Arrange for a window without height; large text needs the width for itself."""
        self._is_compact = is_compact
        self._next.setVisible(not is_compact)
        self._follow_theme()

    @Slot()
    def _follow_theme(self) -> None:
        self._arrange(has_sides=self._is_compact and theme().factor <= SIDES_UP_TO)

    def _arrange(self, *, has_sides: bool) -> None:
        parts: tuple[QWidget, ...] = (self._facts, self.ink, self.secret)
        for widget in parts:
            self._sides.removeWidget(widget)
        if has_sides:
            self._sides.addWidget(self.ink, 0, 0, 3, 1)
            self._sides.addWidget(self._facts, 0, 1)
            self._sides.addWidget(self.secret, 1, 1)
        else:
            for place, widget in enumerate(parts):
                self._sides.addWidget(widget, place, 0)
        self._sides.setColumnStretch(0, 1)
        self._sides.setColumnStretch(1, 1 if has_sides else 0)
        self._sides.setRowStretch(2, 1 if has_sides else 0)

    def show_state(self, state: SignState) -> None:
        """Show who signs."""
        self._facts.set_pairs(state.facts)
        self.ink.set_name(dict(state.facts).get("Signs", "").split(",")[0])

    def show_problem(self, problem: SignProblem) -> None:
        """Say what is missing beside what can change it."""
        self.ink.set_error(problem.sentence if problem.field == "ink" else None)
        self.secret.set_error(problem.sentence if problem.field == "secret" else None)
        if problem.field == "secret":
            self.secret.setFocus()


class _NextCard(Card):
    """What comes after the technician's signature."""

    def __init__(self) -> None:
        super().__init__(padding=5)
        row = QHBoxLayout()
        row.setSpacing(theme().space(4))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text("Next: the customer", role="card-body", weight="semibold"))
        detail = "Accepts, or refuses with a reason, on this screen."
        words.addWidget(Text(detail, role="small", tone="muted", wrap=True))
        row.addWidget(IconLabel("user", color="text-muted", size="strip"))
        row.addLayout(words, 1)
        self.body.addLayout(row)
