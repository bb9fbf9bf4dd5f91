"""PIN or password with a numeric keypad on the screen for gloves. It keeps nothing after `clear`."""

from functools import cached_property

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.field_frame import FieldFrame

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "back")
SCANNED = "This came as fast as from a scanner and was not tried. Press Enter if it is your password."
_WORDS = {"clear": "Clear", "back": "Delete"}


class Keypad(QWidget):
    """Twelve large keys: digits, Clear and Delete. `key` gives a digit, "clear" or "back"."""

    key = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme().space(2))
        for number, name in enumerate(_KEYS):
            grid.addWidget(self._key(name), number // 3, number % 3)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def button(self, name: str) -> ActionButton:
        """Give a key: a digit, "clear" or "back"."""
        key = self.findChild(ActionButton, name)
        assert isinstance(key, ActionButton)
        return key

    def _key(self, name: str) -> ActionButton:
        button = _PadKey(_WORDS.get(name, name))
        button.setObjectName(name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays in the field
        button.clicked.connect(self._tell)
        return button

    @Slot()
    def _tell(self) -> None:
        self.key.emit(self.sender().objectName())


class _PadKey(ActionButton):
    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(theme().target("answer_width"), theme().target("answer")))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().target("minimum"), self.sizeHint().height())


class SecretLine(QLineEdit):
    """Shows dots. A scanner's burst ends here without its Enter, and `scanned` says so.

    What a password safe types looks like a scanner's burst: so it is never looked up and shown, and a label that was
    scanned by accident is never tried as a password.
    """

    scanned = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)


class SecretField(FieldFrame):
    """A field that shows dots. `edited` at every key, `submitted` with Enter."""

    edited = Signal(str)
    submitted = Signal(str)

    def __init__(self, label: str, *, hint: str | None = None, has_keypad: bool = True) -> None:
        self.line = SecretLine()
        self.line.scanned.connect(self._doubt)
        self.keypad_button = ActionButton("Keypad", icon="keyboard")
        self.keypad_button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self.keypad_button.setCheckable(True)
        if not has_keypad:
            self.keypad_button.hide()  # showing it before it has a parent would open a window
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(3))
        row.addWidget(self.line, 1)
        row.addWidget(self.keypad_button)
        super().__init__(label, self.line, hint=hint, row=line)
        self.keypad_button.toggled.connect(self._show_keypad)
        self.line.textEdited.connect(self._tell_edited)
        self.line.returnPressed.connect(self._submit)

    @cached_property
    def keypad(self) -> Keypad:
        """The keys on the screen, made when they are first wanted."""
        keypad = Keypad(self)
        keypad.hide()
        self.add_below(keypad)
        keypad.key.connect(self._press)
        return keypad

    def text(self) -> str:
        return self.line.text()

    def clear(self) -> None:
        """Forget what was typed, and the way back to it."""
        self.line.clear()

    @Slot(bool)
    def _show_keypad(self, is_shown: bool) -> None:
        self.keypad.setVisible(is_shown)

    @Slot(str)
    def _press(self, key: str) -> None:
        if key == "clear":
            self.line.clear()
            self.edited.emit("")
        elif key == "back":
            self.line.backspace()
        else:
            self.line.insert(key)
        self.line.setFocus()

    @Slot()
    def _doubt(self) -> None:
        """Try nothing that a person did not type or confirm; what he types now takes its place."""
        self.set_error(SCANNED)
        self.line.selectAll()

    @Slot(str)
    def _tell_edited(self, text: str) -> None:
        if self.error == SCANNED:
            self.set_error(None)
        self.edited.emit(text)

    @Slot()
    def _submit(self) -> None:
        self.submitted.emit(self.line.text())
