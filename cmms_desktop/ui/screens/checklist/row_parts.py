"""Lines under the answer of an item, made when they are needed: note, what is wanted, the order that follows."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.checklist.controls import quiet_focus
from cmms_desktop.ui.screens.checklist.row_words import PressableText
from cmms_desktop.ui.screens.checklist.states import FollowUp, ItemState, Trouble
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.fields import LabelledText
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.text import ElidedText, Text

NOT_SAVED_YET = "Not saved yet"


class NoteLine(QWidget):
    """The note as text with where it is saved, or the field for it. Typing and leaving the field are told."""

    edited = Signal(str)
    finished = Signal(str)
    wanted = Signal()
    not_applicable = Signal()

    def __init__(self, subject: str) -> None:
        super().__init__()
        self._subject = subject
        self._field: LabelledText | None = None
        self._buttons: QWidget | None = None
        self.words = PressableText("", role="body", wrap=True)
        self.words.setCursor(Qt.CursorShape.PointingHandCursor)
        self.words.pressed.connect(self.wanted)
        self._saved = _Saved()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().space(1))
        self._column.addWidget(self.words)
        self._column.addWidget(self._saved)

    @property
    def is_editing(self) -> bool:
        return self._field is not None and not self._field.isHidden()

    @property
    def field(self) -> LabelledText:
        """The field for the note, made when it is first wanted."""
        if self._field is None:
            self._field = LabelledText("Note", least_lines=2)
            self._field.area.setAccessibleName(f"Note, {self._subject}")
            self._field.edited.connect(self.edited)
            self._field.finished.connect(self.finished)
            self._buttons = self._make_buttons()
            self._column.insertWidget(0, self._field)
            self._column.insertWidget(1, self._buttons)
        return self._field

    def show_state(self, state: ItemState) -> None:
        """Show note and place of saving."""
        self.words.setText(state.note)
        self.words.setVisible(bool(state.note) and not self.is_editing)
        self._saved.show_saved(NOT_SAVED_YET if state.waits else state.saved, is_saved=not state.waits)
        if self.is_editing and not self.field.area.hasFocus():
            self.field.set_text(state.note)

    def open(self, note: str) -> None:
        """Show the field with the cursor in it."""
        field = self.field
        if not self.is_editing:
            field.set_text(note)
        field.show()
        if self._buttons is not None:
            self._buttons.show()
        self.words.hide()
        field.area.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def close_field(self) -> None:
        """Save what stands there and show it as text."""
        if self._field is None or not self.is_editing:
            return
        self.finished.emit(self._field.text())
        self._field.hide()
        if self._buttons is not None:
            self._buttons.hide()
        self.words.setVisible(bool(self.words.text()))

    def _make_buttons(self) -> QWidget:
        bar = QWidget()
        save = ActionButton("Save note", icon="pass")
        cannot = ActionButton("Not applicable", role="quiet")
        save.clicked.connect(self.close_field)
        cannot.clicked.connect(self.not_applicable)
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        for button in (save, cannot):
            row.addWidget(quiet_focus(button))
        row.addStretch(1)
        return bar


class _Saved(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("pass", color="text-muted", size="badge")
        self._words = Text("", role="caption", tone="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(self._icon)
        row.addWidget(self._words)
        row.addStretch(1)

    def show_saved(self, text: str, *, is_saved: bool) -> None:
        self._icon.set_icon("pass" if is_saved else "waiting")
        self._words.setText(text)
        self.setVisible(bool(text))


class TroubleLine(QWidget):
    """A red sign, what is wrong and what is wanted; at its end the buttons that give it."""

    note_pressed = Signal()
    photo_pressed = Signal()
    not_applicable = Signal()

    def __init__(self, subject: str) -> None:
        super().__init__()
        self._sign = IconLabel("out-of-range", color="danger", size="control")
        self._bold = Text("", role="card-body", tone="danger", weight="semibold", wrap=True)
        self._plain = Text("", role="card-body", wrap=True)
        self.note = quiet_focus(ActionButton("Note", icon="note"))
        self.photo = quiet_focus(ActionButton("Photo", icon="camera"))
        self.cannot = quiet_focus(ActionButton("Not applicable", role="quiet"))
        for button in (self.note, self.photo, self.cannot):
            button.setAccessibleName(f"{button.text()}, {subject}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(self._sign)
        inner = QWidget()  # takes the room also when there are no words
        words = QHBoxLayout(inner)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(theme().space(1))
        words.addWidget(self._bold)
        words.addWidget(self._plain, 1)
        row.addWidget(inner, 1)
        for each in (self.cannot, self.note, self.photo):
            row.addWidget(each)
        self.note.clicked.connect(self.note_pressed)
        self.photo.clicked.connect(self.photo_pressed)
        self.cannot.clicked.connect(self.not_applicable)

    def show_trouble(self, trouble: Trouble | None, *, note: bool, photo: bool, cannot: bool) -> None:
        """Say it, and offer these buttons."""
        found = trouble or Trouble("")
        for part, text in ((self._bold, found.bold), (self._plain, found.plain)):
            part.setText(text)
            part.setVisible(bool(text))
        self._sign.setVisible(bool(found.bold))
        for button, is_offered in ((self.note, note), (self.photo, photo), (self.cannot, cannot)):
            button.setVisible(is_offered)
        self.setVisible(trouble is not None or note or photo or cannot)


class FollowUpLine(QWidget):
    """The order that follows a failed item up, or the button that makes one."""

    opened = Signal()
    made = Signal()

    def __init__(self, subject: str) -> None:
        super().__init__()
        self._sign = IconLabel("git-merge", color="state-pending", size="control")
        self._number = Text("", role="card-body", weight="semibold")
        self._title = ElidedText("", role="card-body", tone="muted")
        self.open = quiet_focus(ActionButton("Open", role="quiet"))
        self.make = quiet_focus(ActionButton("Make follow-up order", icon="git-merge", role="quiet"))
        self.make.setAccessibleName(f"Make follow-up order, {subject}")
        self.open.clicked.connect(self.opened)
        self.make.clicked.connect(self.made)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(self.make, 0, Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self._sign)
        row.addWidget(self._number)
        row.addWidget(self._title, 1)
        row.addWidget(self.open)

    def show_follow_up(self, link: FollowUp | None, *, is_offered: bool) -> None:
        """Show the order there is, or offer to make one."""
        self.make.setVisible(link is None and is_offered)
        for part in (self._sign, self._number, self._title, self.open):
            part.setVisible(link is not None)
        if link is not None:
            self._number.setText(link.number)
            self._title.setText(link.title)
            self.open.setAccessibleName(f"Open {link.number}")
        self.setVisible(link is not None or is_offered)
