"""The part of a row that takes the answer: three buttons, a reading, a text, chips. One class for each kind of item.

Each shows a state without telling anybody, and tells the desk what a person does. None judges an answer.
"""

from decimal import Decimal

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from cmms_desktop.ui.screens.checklist.desk import RowDesk
from cmms_desktop.ui.screens.checklist.photo_strip import PhotoStrip
from cmms_desktop.ui.screens.checklist.states import ItemState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.answers import AnswerButtons
from cmms_desktop.ui.widgets.buttons import ActionButton, IconButton
from cmms_desktop.ui.widgets.fields import LineField, NumberField
from cmms_desktop.ui.widgets.gauge import Gauge
from cmms_desktop.ui.widgets.number_field import normalised_number
from cmms_desktop.ui.widgets.segmented import Chips
from cmms_desktop.ui.widgets.styling import set_style

GAUGE_FROM_PX, WIDE_GAUGE_FROM_PX = 680, 860
"""Widths of a row, at the normal font size, from which there is a gauge, and one of full length."""
GAUGE_PX, SHORT_GAUGE_PX = 324, 216
RESULT_KEYS = {"1": "pass", "2": "flag", "3": "fail"}


class Control(QWidget):
    """What a row needs of it. `stands_below`: it takes a line of its own under the words."""

    stands_below = False

    def __init__(self, desk: RowDesk, item_id: str) -> None:
        super().__init__()
        self.desk, self.item_id = desk, item_id
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(theme().space(3))

    def show_state(self, state: ItemState) -> None:
        """Show an answer."""

    def set_room(self, room_px: float) -> None:
        """Make do with a row of this width, counted at the normal font size."""

    def take_focus(self) -> None:
        """Let the keyboard into it."""

    def press_key(self, key: str) -> bool:
        """Answer by one key. False: it has no meaning here."""
        return False


class PassFailControl(Control):
    """Pass, flag, fail; a second press takes it back."""

    def __init__(self, desk: RowDesk, state: ItemState) -> None:
        super().__init__(desk, state.id)
        self.answers = AnswerButtons()
        self.answers.set_subject(state.prompt)
        for result in RESULT_KEYS.values():
            self.answers.button(result).setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.answers.answered.connect(self._tell)
        self.line.addWidget(self.answers)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_state(self, state: ItemState) -> None:
        self.answers.set_answer(state.answer)
        self.answers.setEnabled(not state.is_locked)

    def take_focus(self) -> None:
        self.answers.button(self.answers.answer or "pass").setFocus(Qt.FocusReason.TabFocusReason)

    def press_key(self, key: str) -> bool:
        if key not in RESULT_KEYS or not self.answers.isEnabled():
            return False
        self.answers.press(RESULT_KEYS[key])
        return True

    @Slot(str)
    def _tell(self, result: str) -> None:
        self.desk.answer(self.item_id, result)


class NumberControl(Control):
    """Gauge, − number +. The number is kept at each key and saved when it is finished."""

    def __init__(self, desk: RowDesk, state: ItemState) -> None:
        super().__init__(desk, state.id)
        self._state = state
        self.gauge = Gauge()
        self.gauge.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.field = NumberField(
            state.unit, minimum=_limit(state.minimum), maximum=_limit(state.maximum), step=state.step, name=state.prompt
        )
        for button in (self.field.minus, self.field.plus):
            button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.line.addWidget(self.gauge, 1)
        self.line.addWidget(self.field)
        self.field.edit.textEdited.connect(self._type)
        self.field.edit.editingFinished.connect(self._finish)
        self.field.edited.connect(self._enter)

    def show_state(self, state: ItemState) -> None:
        self._state = state
        if not self.field.edit.hasFocus():
            self.field.set_text(state.value)
        self.field.set_error(state.trouble.bold if state.trouble is not None else None)
        self.field.setEnabled(not state.is_locked)
        self._make_room(state.value)
        self._show_gauge(normalised_number(state.value))

    def set_room(self, room_px: float) -> None:
        has_limits = bool(self._state.minimum or self._state.maximum)
        self.gauge.setVisible(has_limits and room_px >= GAUGE_FROM_PX)
        widest = GAUGE_PX if room_px >= WIDE_GAUGE_FROM_PX else SHORT_GAUGE_PX
        self.gauge.setMaximumWidth(int(widest * max(1.0, theme().factor)))

    def _make_room(self, value: str) -> None:
        """Be wide enough for every number that is likely here, so that nothing moves while it is typed."""
        state = self._state
        longest = max(len(text) for text in (value, state.last_value, state.minimum, state.maximum, "00.00"))
        metrics = QFontMetrics(theme().font("reading"))
        figures = metrics.horizontalAdvance("0" * longest) - metrics.horizontalAdvance("00.00")
        self.field.edit.setMinimumWidth(self.field.edit.sizeHint().width() + max(0, figures))

    def take_focus(self) -> None:
        self.field.edit.setFocus(Qt.FocusReason.TabFocusReason)
        self.field.edit.selectAll()

    def _show_gauge(self, value: str) -> None:
        self.gauge.show_reading(self._state.minimum, self._state.maximum, self._state.last_value, value)

    @Slot(str)
    def _type(self, typed: str) -> None:
        """Keep exactly what was typed; the rule reads it when it is finished."""
        self._show_gauge(self.field.text())
        self.desk.type_value(self.item_id, typed)

    @Slot()
    def _finish(self) -> None:
        """Leaving a field without a change says nothing."""
        if self._state.is_unsaved or self.field.text() != self._state.value:
            self._enter(self.field.text())

    @Slot(str)
    def _enter(self, text: str) -> None:
        self._show_gauge(text)
        self.desk.enter_value(self.item_id, text)


class TextControl(Control):
    """A line of text; its button waits for a scanner."""

    def __init__(self, desk: RowDesk, state: ItemState) -> None:
        super().__init__(desk, state.id)
        self._state = state
        self.scan = IconButton("scan", f"Scan, {state.prompt}")
        self.scan.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.field = LineField(self.scan)
        self.field.setAccessibleName(state.prompt)
        self.field.setMaxLength(4000)
        self.line.addWidget(self.field)
        self.scan.clicked.connect(self._wait_for_scan)
        self.field.textEdited.connect(self._type)
        self.field.editingFinished.connect(self._finish)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(int(320 * max(1.0, theme().factor)), super().sizeHint().height())

    def show_state(self, state: ItemState) -> None:
        self._state = state
        if not self.field.hasFocus() and self.field.text() != state.value:
            self.field.setText(state.value)
            self.field.setCursorPosition(0)
        self.field.setReadOnly(state.is_locked)
        self.scan.setEnabled(not state.is_locked)
        set_style(self.field, locked=state.is_locked)

    def take_focus(self) -> None:
        self.field.setFocus(Qt.FocusReason.TabFocusReason)

    def take_scan(self, code: str) -> None:
        """Put a scanned code into the field and save it."""
        self.field.setText(code)
        self.desk.enter_value(self.item_id, code)

    @Slot()
    def _wait_for_scan(self) -> None:
        self.field.setPlaceholderText("Scan the label now")
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _type(self, text: str) -> None:
        self.desk.type_value(self.item_id, text)

    @Slot()
    def _finish(self) -> None:
        self.field.setPlaceholderText("")
        if self._state.is_unsaved or self.field.text() != self._state.value:
            self.desk.enter_value(self.item_id, self.field.text())


class ChoiceControl(Control):
    """Chips, one of which is chosen; a second press takes it back. The keys 1 to 9 choose too."""

    stands_below = True

    def __init__(self, desk: RowDesk, state: ItemState) -> None:
        super().__init__(desk, state.id)
        self._choices = state.choices
        self.chips = Chips(tuple((choice, choice) for choice in state.choices))
        self.line.addWidget(self.chips)
        self.chips.chosen.connect(self._tell)

    def show_state(self, state: ItemState) -> None:
        self.chips.set_keys((state.value,) if state.value else ())
        self.chips.setEnabled(not state.is_locked)

    def take_focus(self) -> None:
        chosen = self.chips.keys() or self._choices[:1]
        for key in chosen:
            self.chips.button(key).setFocus(Qt.FocusReason.TabFocusReason)

    def press_key(self, key: str) -> bool:
        if not key.isdecimal() or not 0 < int(key) <= len(self._choices) or not self.chips.isEnabled():
            return False
        self.chips.button(self._choices[int(key) - 1]).click()
        return True

    @Slot(str)
    def _tell(self, _: str) -> None:
        self.desk.enter_value(self.item_id, next(iter(self.chips.keys()), ""))


class PhotoControl(Control):
    """A button while there is no photo, then the photos with a place for one more."""

    def __init__(self, desk: RowDesk, state: ItemState) -> None:
        super().__init__(desk, state.id)
        self.add = quiet_focus(ActionButton("Add photo", icon="camera"))
        self.add.setAccessibleName(f"Add photo, {state.prompt}")
        self.strip = PhotoStrip(desk, state.prompt)
        self.line.addWidget(self.add)
        self.line.addWidget(self.strip)
        self.add.clicked.connect(self._choose)
        self.strip.wanted.connect(self._choose)

    def show_state(self, state: ItemState) -> None:
        self.add.setVisible(not state.photos)
        self.add.setEnabled(not state.is_locked)
        self.strip.setVisible(bool(state.photos))
        self.strip.show_photos(state.photos, may_add=not state.is_locked)

    def take_focus(self) -> None:
        self.add.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _choose(self) -> None:
        self.desk.choose_photo(self.item_id)


def control_for(desk: RowDesk, state: ItemState) -> Control:
    """Make the control of an item's kind; an unknown kind has none."""
    match state.kind:
        case "pass_fail":
            return PassFailControl(desk, state)
        case "number":
            return NumberControl(desk, state)
        case "text":
            return TextControl(desk, state)
        case "choice":
            return ChoiceControl(desk, state)
        case "photo":
            return PhotoControl(desk, state)
        case _:
            return Control(desk, state.id)


def _limit(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def quiet_focus(button: QPushButton) -> QPushButton:
    """Let a button take the keyboard by a press only: in a row Tab leads from item to item."""
    button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return button
