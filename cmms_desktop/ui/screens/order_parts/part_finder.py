"""Finding a part by a word, a code or a scan; nothing typed shows what the own van holds."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order_parts.states import PartChoice
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

PAUSE_MS = 120
"""Typing faster than this asks once."""


class PartFinder(Card):
    """A search field over what it finds."""

    typed = Signal(str)
    chosen = Signal(str)
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.field = LabelledField("Find a part", placeholder="Name, code or scan")
        self.field.line.setProperty("takes_scan", True)
        self.back = ActionButton("Back", role="quiet")
        self.back.clicked.connect(self.dropped)
        self.results: KeyedColumn[PartChoice] = KeyedColumn(self._make, ChoiceLine.show_row, gap=0)
        self._note = Text(role="small", tone="muted", wrap=True)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._tell_typed)
        self.field.edited.connect(self._wait)
        self.field.line.returnPressed.connect(self._take_only)
        line = QHBoxLayout()
        line.setSpacing(theme().space(2))
        line.addWidget(self.field, 1)
        line.addWidget(self.back, 0, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(line)
        self.body.addWidget(self._note)
        self.body.addWidget(self.results)
        self.hide()

    def show_text(self, text: str | None) -> None:
        """Open with a text; None closes."""
        was_hidden = self.isHidden()
        self.setVisible(text is not None)
        if text is None:
            self._pause.stop()
            self.field.set_text("")
        else:
            self.field.set_text(text)
            if was_hidden:
                self.field.line.setFocus()

    def show_found(self, found: tuple[PartChoice, ...], text: str) -> None:
        self.results.set_rows(found)
        if found:
            self._note.setText("In this device's catalogue" if text.strip() else "In your van")
        else:
            self._note.setText("No part says that. Try its code." if text.strip() else "Your van is empty.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dropped.emit()
            return
        super().keyPressEvent(event)

    def _make(self, choice: PartChoice) -> QWidget:
        line = ChoiceLine(choice)
        line.chosen.connect(self.chosen)
        return line

    @Slot()
    def _wait(self) -> None:
        self._pause.start()

    @Slot()
    def _tell_typed(self) -> None:
        self.typed.emit(self.field.text())

    @Slot()
    def _take_only(self) -> None:
        """Enter takes what was found, when it is one thing."""
        shown = self.results.widgets()
        if self._pause.isActive():
            self._pause.stop()
            self._tell_typed()
        elif len(shown) == 1:
            shown[0].click()


class ChoiceLine(QPushButton):
    """A part that was found: name over where it lies."""

    chosen = Signal(str)

    def __init__(self, choice: PartChoice) -> None:
        super().__init__()
        self._id = choice.id
        set_style(self, role="row")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._text, self._detail = ElidedText(role="item"), ElidedText(role="small", tone="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().space(3), theme().space(1), theme().space(3), theme().space(1))
        column.setSpacing(0)
        for label in (self._text, self._detail):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        self.setMinimumHeight(theme().target("list_row"))
        self.clicked.connect(self._tell)
        self.show_row(choice)

    def show_row(self, choice: PartChoice) -> None:
        self._text.setText(choice.text)
        self._detail.setText(choice.detail)
        self.setAccessibleName(f"{choice.text}, {choice.detail}")

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit(self._id)
