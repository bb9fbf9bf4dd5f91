"""What opens below a refused change: its values to correct, or the place of an exported file."""

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sync.states import Attention
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.entry_box import EntryBox
from cmms_desktop.ui.widgets.fields import LabelledField


class _Part(QWidget):
    """Fields, and two buttons: leave, and the act. `wanted` says which, `typed` the field and its text."""

    wanted = Signal(str)
    typed = Signal(str, str)

    def __init__(self, act: str, icon: str, what: str) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme().icon_size("strip") + theme().space(3), theme().space(2), 0, 0)
        self._column.setSpacing(theme().space(3))
        self.leave = ActionButton("Not now")
        self.leave.clicked.connect(partial(self._want, "leave"))
        self.act = ActionButton(act, icon=icon)
        self.act.clicked.connect(partial(self._want, what))
        row = QHBoxLayout()
        row.setSpacing(theme().space(2))
        row.addStretch(1)
        row.addWidget(self.leave)
        row.addWidget(self.act)
        self._column.addLayout(row)

    def _insert(self, widget: QWidget, place: int) -> None:
        self._column.insertWidget(place, widget)

    def _want(self, what: str, _checked: bool = False) -> None:
        self.wanted.emit(what)


class FixPart(_Part):
    """The values of a refused change."""

    def __init__(self, item: Attention) -> None:
        super().__init__("Send again", "send", "send")
        self._boxes = {field.name: EntryBox(field.entry, field.label, kind="sunken") for field in item.fields}
        for place, (name, box) in enumerate(self._boxes.items()):
            box.edited.connect(partial(self.typed.emit, name))
            self._insert(box, place)

    def show_item(self, item: Attention) -> None:
        """Show what is typed, and what to type instead."""
        for field in item.fields:
            if field.name in self._boxes:
                self._boxes[field.name].show_entry(field.text, field.problem)
        self.act.set_busy(item.is_busy)

    def take_focus(self) -> None:
        """Put the keyboard into the first value."""
        next(iter(self._boxes.values())).take_focus()


class ExportPart(_Part):
    """Where the file goes."""

    def __init__(self, item: Attention) -> None:
        super().__init__("Save file", "download", "write")
        self.field = LabelledField("File", hint="A readable copy of what you entered. It stays here too.")
        self.field.edited.connect(self._type)
        self.field.line.returnPressed.connect(partial(self._want, "write"))
        self._insert(self.field, 0)

    def show_item(self, item: Attention) -> None:
        """Show the path, and why it cannot be used."""
        self.field.set_text(item.export_path)
        self.field.set_error(item.export_problem)
        self.act.set_busy(item.is_busy)

    def take_focus(self) -> None:
        """Put the keyboard into the path."""
        self.field.line.setFocus()

    @Slot(str)
    def _type(self, text: str) -> None:
        self.typed.emit("", text)
