"""The form for a problem: what is wrong, how urgent it is, what was seen."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.report.presenter import ReportPresenter
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
"""Characters that a title of the contract holds."""


class ReportForm(QWidget):
    """For a Sheet; `saved` when the problem is reported."""

    saved = Signal()

    def __init__(self, context: ScreenContext, asset_id: str) -> None:
        super().__init__()
        self.title = LabelledField("What is wrong", placeholder="Oil under the pump")
        self.title.line.setMaxLength(LONGEST_TITLE)
        self.description = LabelledText("What you saw", least_lines=3)
        self.urgency = Segmented(tuple(PRIORITY.items()))
        self.save_button = ActionButton("Report problem", icon="flag", role="primary")
        explains = Text(SAVED_NOW, role="card-body", wrap=True)
        lay_out_form(self, self._fields(), name="Problem", explains=explains, button=self.save_button)
        self._presenter = ReportPresenter(context, self, asset_id)
        self._presenter.start()
        self.title.edited.connect(self._enter_title)
        self.description.edited.connect(self._enter_description)
        self.urgency.chosen.connect(self._enter_urgency)
        self.title.line.returnPressed.connect(self._presenter.save)
        self.save_button.clicked.connect(self._presenter.save)

    def stop(self) -> None:
        self._presenter.close()

    def show_fields(self, *, title: str, description: str, urgency: str) -> None:
        self.title.set_text(title)
        self.description.set_text(description)
        self.urgency.set_current(urgency)

    def show_refusal(self, sentence: str | None) -> None:
        self.title.set_error(sentence)

    def done(self) -> None:
        self.saved.emit()

    def _fields(self) -> QWidget:
        content = ScrolledColumn()
        content.set_margins("regular")
        urgency, choice = QVBoxLayout(), QHBoxLayout()
        urgency.setSpacing(theme().space(1))
        urgency.addWidget(Text("How urgent", role="label"))
        choice.addWidget(self.urgency)
        choice.addStretch(1)
        urgency.addLayout(choice)
        content.column.addWidget(self.title)
        content.column.addLayout(urgency)
        content.column.addWidget(self.description)
        content.column.addWidget(
            Text("The office of the site decides whether an order comes of it.", role="small", tone="muted", wrap=True)
        )
        content.column.addStretch(1)
        return content

    @Slot(str)
    def _enter_title(self, text: str) -> None:
        self._presenter.enter(title=text)

    @Slot(str)
    def _enter_description(self, text: str) -> None:
        self._presenter.enter(description=text)

    @Slot(str)
    def _enter_urgency(self, key: str) -> None:
        self._presenter.enter(urgency=key)
