"""A form in a sheet that asks for a title, how urgent it is, and a description. Whoever shows it says in which words.

Knows no presenter of its own: `follow` is told whose it is.
"""

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cmms_desktop.ui.text.arrival_words import SAVED_NOW
from cmms_desktop.ui.text.words import PRIORITY
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.fields import LabelledField, LabelledText
from cmms_desktop.ui.widgets.form_column import lay_out_form
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.segmented import Segmented
from cmms_desktop.ui.widgets.text import Text

LONGEST_TITLE = 200
"""Characters that a title of the contract holds; more than that is seen not to fit, never cut off in silence."""


class Entering(Protocol):
    """Who keeps what is entered."""

    def start(self) -> None:
        """Show what was half entered."""
        ...

    def enter(self, **values: str) -> None:
        """Keep title, description or priority."""
        ...

    def save(self) -> None:
        """Save it all."""
        ...

    def close(self) -> None:
        """The form is gone."""
        ...


@dataclass(frozen=True, slots=True)
class FormWords:
    """What stands on the form. `name`: what a screen reader calls it; `note`: the sentence below its fields."""

    name: str
    title: str
    example: str
    urgency: str
    description: str
    note: str
    button: str
    icon: str


class TitleForm(QWidget):
    """For a Sheet; `saved` when it is done."""

    saved = Signal()

    def __init__(self, words: FormWords) -> None:
        super().__init__()
        self._presenter: Entering | None = None
        self.title = LabelledField(words.title, placeholder=words.example)
        self.title.line.setMaxLength(LONGEST_TITLE)
        self.description = LabelledText(words.description, least_lines=3)
        self.priority = Segmented(tuple(PRIORITY.items()))
        self.save_button = ActionButton(words.button, icon=words.icon, role="primary")
        explains = Text(SAVED_NOW, role="card-body", wrap=True)
        lay_out_form(self, self._fields(words), name=words.name, explains=explains, button=self.save_button)

    def follow(self, presenter: Entering) -> None:
        """Show what a presenter has, and tell it what is entered."""
        self._presenter = presenter
        presenter.start()
        self.title.edited.connect(self._enter_title)
        self.description.edited.connect(self._enter_description)
        self.priority.chosen.connect(self._enter_priority)
        self.title.line.returnPressed.connect(presenter.save)
        self.save_button.clicked.connect(presenter.save)

    def stop(self) -> None:
        """Leave the presenter alone from now on."""
        if self._presenter is not None:
            self._presenter.close()

    def primary(self) -> QPushButton:
        """For Ctrl+Enter."""
        return self.save_button

    def show_fields(self, *, title: str, description: str, priority: str) -> None:
        """Put values into the fields."""
        self.title.set_text(title)
        self.description.set_text(description)
        self.priority.set_current(priority)

    def show_refusal(self, sentence: str | None) -> None:
        """Say under the title what to enter."""
        self.title.set_error(sentence)

    def done(self) -> None:
        """It is saved; the form can go."""
        self.saved.emit()

    def _fields(self, words: FormWords) -> QWidget:
        content = ScrolledColumn()
        content.set_margins("regular")
        urgency, choice = QVBoxLayout(), QHBoxLayout()
        urgency.setSpacing(theme().space(1))
        urgency.addWidget(Text(words.urgency, role="label"))
        choice.addWidget(self.priority)
        choice.addStretch(1)
        urgency.addLayout(choice)
        content.column.addWidget(self.title)
        content.column.addLayout(urgency)
        content.column.addWidget(self.description)
        content.column.addWidget(Text(words.note, role="small", tone="muted", wrap=True))
        content.column.addStretch(1)
        return content

    @Slot(str)
    def _enter_title(self, text: str) -> None:
        self._enter(title=text)

    @Slot(str)
    def _enter_description(self, text: str) -> None:
        self._enter(description=text)

    @Slot(str)
    def _enter_priority(self, key: str) -> None:
        self._enter(priority=key)

    def _enter(self, **values: str) -> None:
        if self._presenter is not None:
            self._presenter.enter(**values)
