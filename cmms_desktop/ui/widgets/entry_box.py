"""Where a value is entered in place: several lines, one line, a number, or one of a few words."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QVBoxLayout

from cmms_desktop.ui.text.entries import Entry
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.fields import LabelledField, LabelledText
from cmms_desktop.ui.widgets.segmented import Chips
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text


class EntryBox(QFrame):
    """Built for one kind of entry; a field of another kind gets another box."""

    edited = Signal(str)

    def __init__(self, entry: Entry, label: str, *, kind: str = "card-selected") -> None:
        """Build it; `kind` is that of its frame."""
        super().__init__()
        self.entry = entry
        self._field: LabelledText | LabelledField | None = None
        self._chips: Chips | None = None
        self._problem = Text("", role="small", tone="danger", weight="semibold", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme().space(n) for n in (4, 3, 4, 4)))
        column.setSpacing(theme().space(2))
        set_style(self, kind=kind)
        name = f"{label}, {entry.unit}" if entry.unit else label
        if entry.kind == "choice":
            column.addWidget(Text(name, role="label"))
            self._chips = Chips(entry.options)
            self._chips.chosen.connect(self._choose)
            column.addWidget(self._chips)
        else:
            self._field = LabelledText(name) if entry.kind == "text" else LabelledField(name)
            self._field.edited.connect(self.edited)
            column.addWidget(self._field)
        column.addWidget(self._problem)
        self._problem.hide()

    def show_entry(self, text: str, problem: str | None) -> None:
        """Show what is typed, and what to type instead."""
        if self._chips is not None:
            self._chips.set_keys((text,))
            self._problem.setText(problem or "")
            self._problem.setVisible(problem is not None)
        elif self._field is not None:
            self._field.set_text(text)
            self._field.set_error(problem)

    def take_focus(self) -> None:
        """Put the keyboard into it."""
        if self._field is not None:
            self._field.editor.setFocus()
        elif self._chips is not None:
            self._chips.button(self.entry.options[0][0]).setFocus()

    @Slot(str)
    def _choose(self, key: str) -> None:
        if self._chips is not None and not self._chips.keys():
            self._chips.set_keys((key,))
        self.edited.emit(key)
