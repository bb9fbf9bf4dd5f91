"""An organization's own fields on an order or an asset: a line to type into, or words to press."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.application.queries.custom_fields import FieldLine, Fields
from cmms_desktop.application.queries.own_work import Thing
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.extensions.values_presenter import ValuesPresenter
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid, SectionTitle
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.segmented import Chips
from cmms_desktop.ui.widgets.text import Text

YES_NO = (("yes", "Yes"), ("no", "No"))
PRESSED = frozenset({"choice", "yes_no"})
"""Kinds whose values are pressed, not typed."""


class ValuesSection(QWidget):
    """A title over the fields of one thing; hidden while there is none."""

    def __init__(self, context: ScreenContext, about: Thing) -> None:
        super().__init__()
        self._context, self._about, self._about_id = context, about, ""
        self._presenter: ValuesPresenter | None = None
        self.fields: KeyedColumn[FieldLine] = KeyedColumn(self._make, ValueField.show_row)
        self.read_only = KeyValueGrid(2)
        card = Card()
        card.body.addWidget(self.fields)
        card.body.addWidget(self.read_only)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addWidget(SectionTitle("More details"))
        column.addWidget(card)
        self.hide()

    def field(self, field_id: str) -> "ValueField":
        """The field that is shown for an id. Raises KeyError when there is none."""
        found = {each.field_id: each for each in self.fields.widgets() if isinstance(each, ValueField)}
        return found[field_id]

    def show_thing(self, about_id: str) -> None:
        """Show the fields of another thing; "": of none."""
        if about_id == self._about_id:
            return
        self.stop()
        self.hide()
        self.fields.set_rows(())
        self._about_id = about_id
        if about_id:
            self._presenter = ValuesPresenter(self._context, self, about_id, about=self._about)
            self._presenter.start()

    def stop(self) -> None:
        """Keep what is half typed, and ask no more."""
        for each in self.fields.widgets():
            if isinstance(each, ValueField):
                each.leave()
        if self._presenter is not None:
            self._presenter.close()
        self._presenter, self._about_id = None, ""

    def show_fields(self, fields: Fields) -> None:
        self.fields.set_rows(fields.lines if fields.may_enter else ())
        told = () if fields.may_enter else tuple(_told(line) for line in fields.lines if line.value)
        self.read_only.set_pairs(told)
        self.fields.setVisible(fields.may_enter)
        self.read_only.setVisible(bool(told))
        self.setVisible(bool(told) or (fields.may_enter and bool(fields.lines)))

    def show_refusal(self, field_id: str, sentence: str | None) -> None:
        for each in self.fields.widgets():
            if isinstance(each, ValueField) and each.field_id == field_id:
                each.show_refusal(sentence)

    def _make(self, line: FieldLine) -> QWidget:
        field = ValueField(line)
        field.entered.connect(self._enter)
        return field

    @Slot(str, str)
    def _enter(self, field_id: str, text: str) -> None:
        if self._presenter is not None:
            self._presenter.enter(field_id, text)


class ValueField(QWidget):
    """One field. What is half typed stays when somebody else changes what stands there."""

    entered = Signal(str, str)
    """Field and what was entered."""

    def __init__(self, line: FieldLine) -> None:
        super().__init__()
        self.field_id = line.id
        self._shown = line.value
        self.typed: LabelledField | None = None
        self.chips: Chips | None = None
        self._label, self._hint = Text(role="label", wrap=True), Text(role="small", tone="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        if line.kind in PRESSED:
            self.chips = Chips(_options(line))
            self.chips.chosen.connect(self._press)
            column.addWidget(self._label)
            column.addWidget(self.chips)
        else:
            self.typed = LabelledField(_label(line), name=line.name)
            self.typed.set_text(line.value)
            self.typed.finished.connect(self._tell)
            column.addWidget(self.typed)
        column.addWidget(self._hint)
        self._line = line
        self.show_row(line)

    @property
    def hint(self) -> str:
        """What is said under the field."""
        return self._hint.text()

    def show_row(self, line: FieldLine) -> None:
        """Show what stands there now."""
        self._label.setText(_label(line))
        self._say(line.misfit or _hint(line))
        if self.chips is not None:
            if _options(line) != _options(self._line):
                self.chips.set_options(_options(line))
            self.chips.set_keys((line.value,))
        elif self.typed is not None:
            self.typed.set_label(_label(line))
            if self.typed.text() == self._shown:
                self.typed.set_text(line.value)
        self._line, self._shown = line, line.value

    def show_refusal(self, sentence: str | None) -> None:
        """Say why it was not taken; what was typed stays."""
        if self.typed is not None:
            self.typed.set_error(sentence)
        elif self.chips is not None:
            self._say(sentence or self._line.misfit or _hint(self._line))
            self.chips.set_keys((self._line.value,))

    def leave(self) -> None:
        """Tell what is typed and was not told, before another thing is shown."""
        if self.typed is not None and self.typed.text() != self._shown:
            self.entered.emit(self.field_id, self.typed.text())

    def _say(self, text: str) -> None:
        self._hint.setText(text)
        self._hint.setVisible(bool(text))

    @Slot(str)
    def _tell(self, text: str) -> None:
        self.entered.emit(self.field_id, text)

    @Slot(str)
    def _press(self, key: str) -> None:
        """A second press takes the value away."""
        chosen = self.chips.keys() if self.chips is not None else ()
        self.entered.emit(self.field_id, key if key in chosen else "")


def _label(line: FieldLine) -> str:
    named = f"{line.name}, {line.unit}" if line.unit else line.name
    return f"{named} (needed)" if line.is_required and not line.value else named


def _hint(line: FieldLine) -> str:
    example = "Year-month-day, such as 2026-03-01" if line.kind == "date" else line.takes
    return ". ".join(part for part in (line.help or "", example[:1].upper() + example[1:]) if part)


def _options(line: FieldLine) -> tuple[tuple[str, str], ...]:
    if line.kind == "yes_no":
        return YES_NO
    kept = (line.value,) if line.value and line.value not in line.choices else ()
    return tuple((word, word) for word in (*line.choices, *kept))


def _told(line: FieldLine) -> tuple[str, str]:
    said = dict(YES_NO).get(line.value, line.value) if line.kind == "yes_no" else line.value
    return line.name, f"{said} {line.unit}" if line.unit and line.kind == "number" else said
