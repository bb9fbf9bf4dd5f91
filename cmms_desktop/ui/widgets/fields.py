"""Fields for text: one line or several. What was typed is told at every key; nothing is checked or stored here."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import IconButton
from cmms_desktop.ui.widgets.field_frame import FieldFrame
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.number_field import NumberField
from cmms_desktop.ui.widgets.secret_field import Keypad, SecretField
from cmms_desktop.ui.widgets.styling import set_style

__all__ = ["Keypad", "LabelledField", "LabelledText", "LineField", "NumberField", "SecretField"]


class LineField(QLineEdit):
    """A line edit with room for one thing at its end: a button, or the lock of a field that others set."""

    def __init__(self, trailing: QWidget | None = None) -> None:
        super().__init__()
        self._trailing = trailing
        if trailing is not None:
            trailing.setParent(self)
            trailing.setCursor(Qt.CursorShape.ArrowCursor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._trailing is None:
            return
        size = self._trailing.sizeHint()
        inset = (self.height() - size.height()) // 2
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        gap = max(inset, theme().space(1))
        left = gap if mirrored else self.width() - size.width() - gap
        self._trailing.setGeometry(left, inset, size.width(), size.height())
        room = size.width() + gap
        self.setTextMargins(room if mirrored else 0, 0, 0 if mirrored else room, 0)


class LabelledField(FieldFrame):
    """A line of text under its label.

    Args:
        label: what it is; also its accessible name.
        hint: a quiet line below.
        locked_by: a sentence such as "Set by the office."; the field then shows a lock and takes no keys.
        icon_action: icon and name of a button inside the field; a press emits `icon_pressed`.
        name: what a screen reader says where no label is shown; else the placeholder.
    """

    edited = Signal(str)
    """The text after every change by the person."""
    finished = Signal(str)
    """The text when the person leaves the field or presses Enter."""
    icon_pressed = Signal()

    def __init__(
        self,
        label: str,
        *,
        hint: str | None = None,
        locked_by: str | None = None,
        icon_action: tuple[str, str] | None = None,
        placeholder: str = "",
        name: str = "",
    ) -> None:
        trailing: QWidget | None = None
        if locked_by is not None:
            trailing = IconLabel("lock", color="text-muted", size="inline")
        elif icon_action is not None:
            trailing = IconButton(*icon_action)
        self.line = LineField(trailing)
        self.line.setPlaceholderText(placeholder)
        super().__init__(label, self.line, hint=locked_by or hint, name=name or placeholder)
        if isinstance(trailing, IconButton):
            trailing.clicked.connect(self.icon_pressed)
        self.line.setReadOnly(locked_by is not None)
        set_style(self.line, locked=locked_by is not None)
        self.line.textEdited.connect(self.edited)
        self.line.editingFinished.connect(self._tell_finished)

    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        """Show a text without telling; the cursor stays when it is the same."""
        if text != self.line.text():
            self.line.setText(text)

    @Slot()
    def _tell_finished(self) -> None:
        self.finished.emit(self.line.text())


class GrowingText(QPlainTextEdit):
    """Several lines, as high as its text between `least` and `most` lines."""

    left = Signal()

    def __init__(self, *, least: int = 2, most: int = 8) -> None:
        super().__init__()
        self._least, self._most = least, most
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self.updateGeometry)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        lines = min(max(round(self.document().size().height()), self._least), self._most)
        around = 2 * theme().space(3) + round(2 * self.document().documentMargin())
        return QSize(240, lines * line + around)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class LabelledText(FieldFrame):
    """Several lines of plain text under their label; Tab leaves, Enter makes a new line."""

    edited = Signal(str)
    finished = Signal(str)

    def __init__(
        self, label: str, *, hint: str | None = None, placeholder: str = "", name: str = "", least_lines: int = 2
    ) -> None:
        self.area = GrowingText(least=least_lines)
        self.area.setPlaceholderText(placeholder)
        super().__init__(label, self.area, hint=hint, name=name or placeholder)
        self._quiet = False
        self.area.textChanged.connect(self._tell_edited)
        self.area.left.connect(self._tell_finished)

    def text(self) -> str:
        return self.area.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a text without telling, with the cursor behind it, where somebody goes on."""
        if text != self.text():
            self._quiet = True
            self.area.setPlainText(text)
            self.area.moveCursor(QTextCursor.MoveOperation.End)
            self._quiet = False

    @Slot()
    def _tell_edited(self) -> None:
        if not self._quiet:
            self.edited.emit(self.text())

    @Slot()
    def _tell_finished(self) -> None:
        self.finished.emit(self.text())
