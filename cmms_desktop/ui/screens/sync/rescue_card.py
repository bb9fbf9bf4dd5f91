"""The card of the rescue file: a button, and when it was pressed the place of the file."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.sync.rescue import RescuePresenter, RescueState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.text import Text

WHAT_FOR = (
    "No network for long, or this device has to be given up? Everything unsent goes into one encrypted file that only "
    "your organization can open."
)


class RescueCard(Card):
    """Hands everything unsent over as a file."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(padding=4)
        self.begin = ActionButton("Write rescue file", icon="download")
        self.field = LabelledField("File")
        self.leave = ActionButton("Not now")
        self.save = ActionButton("Save file", icon="download")
        self._message = Text("", role="small", tone="success", weight="semibold", wrap=True)
        self._entry = QWidget()
        self._build()
        self._presenter = RescuePresenter(context, self)
        self.begin.clicked.connect(self._begin)
        self.leave.clicked.connect(self._leave)
        self.save.clicked.connect(self._save)
        self.field.edited.connect(self._type)
        self.field.line.returnPressed.connect(self._save)
        self.show_state(RescueState())

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme().space(2))
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.save)
        entry = QVBoxLayout(self._entry)
        entry.setContentsMargins(0, 0, 0, 0)
        entry.setSpacing(theme().space(3))
        entry.addWidget(self.field)
        entry.addLayout(buttons)
        self.body.addWidget(Text("Rescue file", role="heading"))
        self.body.addWidget(Text(WHAT_FOR, role="small", tone="muted", wrap=True))
        for part in (self._message, self.begin, self._entry):
            self.body.addWidget(part)

    def close_presenter(self) -> None:
        """Let go; what is being written is written."""
        self._presenter.close()

    # ---- the view

    def show_state(self, state: RescueState) -> None:
        """Show where the file goes, or what became of it."""
        is_asking = state.path is not None
        was_asking = self._entry.isVisibleTo(self)
        self.begin.setVisible(not is_asking)
        self._entry.setVisible(is_asking)
        self._message.setText(state.message)
        self._message.setVisible(bool(state.message))
        self.field.set_text(state.path or "")
        self.field.set_error(state.problem)
        self.save.set_busy(state.is_busy, text="Saving…")
        self.leave.setEnabled(not state.is_busy)
        if is_asking and not was_asking:
            self.field.line.setFocus()

    # ---- intents

    @Slot()
    def _begin(self) -> None:
        self._presenter.begin()

    @Slot()
    def _leave(self) -> None:
        self._presenter.leave()

    @Slot()
    def _save(self) -> None:
        self._presenter.write()

    @Slot(str)
    def _type(self, text: str) -> None:
        self._presenter.type_path(text)
