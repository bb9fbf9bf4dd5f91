"""What an order asks for in place: why it is put on hold, and a code that is typed instead of scanned."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.segmented import Chips

REASONS = (
    ("parts", "Waiting for a part"),
    ("access", "No access"),
    ("person", "Second person needed"),
    ("safety", "Not safe to go on"),
)
"""Frequent reasons; a press writes one into the field, where it can be said better."""
AFTER_REASON = ": "
"""Between a frequent reason and what was typed about it."""


class InPlaceForm(QWidget):
    """A field above the footer with what it does and *Back*; Enter does it, Esc goes back."""

    done = Signal(str)
    typed = Signal(str)
    dropped = Signal()

    def __init__(self, field: LabelledField, act: str, *, icon: str) -> None:
        super().__init__()
        self.field = field
        self._act = ActionButton(act, icon=icon, large=True)
        self._back = ActionButton("Back", role="quiet")
        self._act.clicked.connect(self._tell_done)
        self._back.clicked.connect(self.dropped)
        field.edited.connect(self.typed)
        field.line.returnPressed.connect(self._tell_done)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme().space(2))
        row = QHBoxLayout()
        row.setSpacing(theme().space(3))
        row.addWidget(field, 1)
        for button in (self._back, self._act):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        self.column.addLayout(row)

    @property
    def act_button(self) -> ActionButton:
        return self._act

    def fill(self, text: str) -> None:
        """Show what was half entered."""
        self.field.set_text(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dropped.emit()
            return
        super().keyPressEvent(event)

    @Slot()
    def _tell_done(self) -> None:
        self.done.emit(self.field.text())


class PauseForm(InPlaceForm):
    """Why the order is put on hold. A frequent reason stands before what was typed, and takes none of it away."""

    def __init__(self) -> None:
        super().__init__(LabelledField("Why is the order on hold?"), "Pause order", icon="state-on-hold")
        self._lead = ""
        """The frequent reason with which the text begins."""
        self._chips = Chips(REASONS)
        self._chips.chosen.connect(self._take_reason)
        self.field.edited.connect(self._follow)
        self.column.insertWidget(0, self._chips)

    def fill(self, text: str) -> None:
        super().fill(text)
        leads = (words for _, words in REASONS if text == words or text.startswith(words + AFTER_REASON))
        self._lead = next(leads, "")
        self._show_lead()

    @Slot(str)
    def _take_reason(self, key: str) -> None:
        is_chosen = key in self._chips.keys()  # noqa: SIM118  these are the chosen ones, Chips is no dict
        typed = self.field.text()
        if self._lead:
            typed = typed.removeprefix(self._lead).removeprefix(AFTER_REASON)
        self._lead = dict(REASONS)[key] if is_chosen else ""
        self.field.set_text(AFTER_REASON.join(part for part in (self._lead, typed) if part))
        self.typed.emit(self.field.text())
        self.field.line.setFocus()

    @Slot(str)
    def _follow(self, text: str) -> None:
        """Whoever writes over a frequent reason has said it better."""
        if not text.startswith(self._lead):
            self._lead = ""
            self._show_lead()

    def _show_lead(self) -> None:
        self._chips.set_keys(key for key, words in REASONS if words == self._lead)


class CodeForm(InPlaceForm):
    """A code typed by hand, or read by a scanner that types."""

    def __init__(self) -> None:
        field = LabelledField("Code on the label", placeholder="Scan the label, or type its code")
        super().__init__(field, "Check code", icon="scan")
        field.line.setProperty("takes_scan", True)
