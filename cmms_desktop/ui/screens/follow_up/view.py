"""The form for a follow-up order: what has to be done, how urgent it is, what was found."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.follow_up.presenter import FollowUpPresenter
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


class FollowUpForm(QWidget):
    """For a Sheet; `saved` when the order is made."""

    saved = Signal()

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self.title = LabelledField("What has to be done", placeholder="Replace the shaft seal")
        self.title.line.setMaxLength(LONGEST_TITLE)
        self.description = LabelledText("What you found", least_lines=3)
        self.priority = Segmented(tuple(PRIORITY.items()))
        self.save_button = ActionButton("Create follow-up order", icon="conditional", role="primary")
        explains = Text(SAVED_NOW, role="card-body", wrap=True)
        lay_out_form(self, self._fields(), name="Follow-up order", explains=explains, button=self.save_button)
        self._presenter = FollowUpPresenter(context, self, order_id)
        self._presenter.start()
        self.title.edited.connect(self._enter_title)
        self.description.edited.connect(self._enter_description)
        self.priority.chosen.connect(self._enter_priority)
        self.title.line.returnPressed.connect(self._presenter.save)
        self.save_button.clicked.connect(self._presenter.save)

    def stop(self) -> None:
        self._presenter.close()

    def primary(self) -> QPushButton:
        """For Ctrl+Enter."""
        return self.save_button

    def show_fields(self, *, title: str, description: str, priority: str) -> None:
        self.title.set_text(title)
        self.description.set_text(description)
        self.priority.set_current(priority)

    def show_refusal(self, sentence: str | None) -> None:
        self.title.set_error(sentence)

    def done(self) -> None:
        self.saved.emit()

    def _fields(self) -> QWidget:
        content = ScrolledColumn()
        content.set_margins("regular")
        column = content.column
        priority = QVBoxLayout()
        priority.setSpacing(theme().space(1))
        priority.addWidget(Text("Priority", role="label"))
        choice = QHBoxLayout()
        choice.addWidget(self.priority)
        choice.addStretch(1)
        priority.addLayout(choice)
        column.addWidget(self.title)
        column.addLayout(priority)
        column.addWidget(self.description)
        column.addWidget(Text("Same asset and place as this order.", role="small", tone="muted", wrap=True))
        column.addStretch(1)
        return content

    @Slot(str)
    def _enter_title(self, text: str) -> None:
        self._presenter.enter(title=text)

    @Slot(str)
    def _enter_description(self, text: str) -> None:
        self._presenter.enter(description=text)

    @Slot(str)
    def _enter_priority(self, key: str) -> None:
        self._presenter.enter(priority=key)
