"""The band above the window of a demonstration: it says that this is one, and holds what only a demonstration has.

It knows no server and no office; whoever listens does what was pressed and says what came of it.
"""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSizePolicy, QStyledItemDelegate, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.flow_layout import FlowLayout
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.segmented import Options, Segmented
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

GO_OFFLINE, GO_ONLINE = "Go offline", "Go online"
OFFICE = "Office…"
MORE = "Controls…"


class DemoBand(QFrame):
    """One row of 44 px controls; a second row opens below it in place."""

    person_wanted = Signal(str)
    online_wanted = Signal(bool)
    standing_wanted = Signal(str)
    turn_wanted = Signal(str)

    def __init__(self, *, people: Options, standings: Options, turns: Options, fact: str) -> None:
        """Offer people to be, places for the receiver to stand, and what the office can do: keys with words.

        `fact` is what everybody who tries it has to know, such as the password; it can be selected.
        """
        super().__init__()
        set_style(self, kind="demo-band")
        self.setAccessibleName("Demonstration")
        self._is_online, self._is_compact = True, False
        self.people = Segmented(people)
        self.network = ActionButton(GO_OFFLINE, icon="wifi-off")
        self.receiver = _choice(standings, name="Where the receiver stands")
        self.office = ActionButton(OFFICE, icon="building-2")
        self.more = ActionButton(MORE, icon="sliders-horizontal")
        self.turns = [ActionButton(text) for _, text in turns]
        self._fact = Text(fact, role="small", tone="muted", selectable=True)
        self._said = ElidedText(role="small", tone="muted", lines=2)
        self._build()
        self._connect(standings, turns)
        self.set_ready(False)

    def _build(self) -> None:
        step = theme().space
        top, self._slot = QHBoxLayout(), QHBoxLayout()
        for row in (top, self._slot):
            row.setSpacing(step(2))
        top.addWidget(IconLabel("play", color="info", size="strip"))
        top.addWidget(Text("Demo", role="card-title", tone="info"))
        top.addSpacing(step(2))
        top.addLayout(self._slot)
        top.addStretch(1)
        self._below = QWidget()
        self._flow = FlowLayout(self._below, gap=step(2), line_gap=step(2))
        self._turns = QWidget()
        turns = FlowLayout(self._turns, gap=step(2), line_gap=step(2))
        for button in self.turns:
            turns.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(step(3), step(1), step(3), step(1))
        column.setSpacing(step(2))
        column.addLayout(top)
        for part in (self._below, self._turns, self._said):
            column.addWidget(part)
            part.hide()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._place()

    def _connect(self, standings: Options, turns: Options) -> None:
        self.people.chosen.connect(self.person_wanted)
        self.network.clicked.connect(self._ask_for_network)
        self.receiver.activated.connect(self._ask_for_standing)
        self.office.setCheckable(True)
        self.office.toggled.connect(self._unfold)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._unfold)
        self._standings = [key for key, _ in standings]
        self._turn_of = {button: key for button, (key, _) in zip(self.turns, turns, strict=True)}
        for button in self.turns:
            button.clicked.connect(self._ask_for_turn)

    # ---- what it shows

    def set_ready(self, is_ready: bool) -> None:
        """Take presses, or not: the demonstration is still being prepared."""
        for part in (self.people, self.network, self.receiver, self.office, *self.turns):
            part.setEnabled(is_ready)

    def set_person(self, login: str) -> None:
        """Show whose window it is."""
        self.people.set_current(login)

    def set_online(self, is_online: bool) -> None:
        """Show how the network stands."""
        self._is_online = is_online
        self.network.set_text(GO_OFFLINE if is_online else GO_ONLINE)
        self.network.set_icon("wifi-off" if is_online else "wifi")

    def set_busy(self, is_busy: bool) -> None:
        """The office is at it."""
        for button in self.turns:
            button.setEnabled(not is_busy)

    def say(self, sentence: str) -> None:
        """Say what came of a press; empty: nothing."""
        self._said.setText(sentence)
        self._said.setVisible(bool(sentence))

    # ---- presses

    @Slot()
    def _ask_for_network(self) -> None:
        self.online_wanted.emit(not self._is_online)

    @Slot(int)
    def _ask_for_standing(self, row: int) -> None:
        self.standing_wanted.emit(self._standings[row])

    @Slot()
    def _ask_for_turn(self) -> None:
        pressed = self.sender()
        if isinstance(pressed, ActionButton):
            self.turn_wanted.emit(self._turn_of[pressed])

    # ---- room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put what has no room in the row below it."""
        super().resizeEvent(event)
        is_compact = theme().layout_class(self.width()) == "compact"
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self._place()

    def _place(self) -> None:
        above: tuple[QWidget, ...] = (self.people, self.network, self.receiver, self.office, self.more, self._fact)
        if self._is_compact:
            above = (self.network, self.more, self.office)
            for folded in (self.people, self.receiver, self._fact):
                self._flow.addWidget(folded)
        for part in above:
            self._slot.addWidget(part)
        self.more.setVisible(self._is_compact)
        self._show_rows()

    @Slot(bool)
    def _unfold(self, is_open: bool) -> None:
        """Where there is little room one row below is open at a time."""
        if is_open and self._is_compact:
            other = self.more if self.sender() is self.office else self.office
            other.setChecked(False)
        self._show_rows()

    def _show_rows(self) -> None:
        self._below.setVisible(self._is_compact and self.more.isChecked())
        self._turns.setVisible(self.office.isChecked())
        self.office.set_icon("chevron-up" if self.office.isChecked() else "building-2")
        self.more.set_icon("chevron-up" if self.more.isChecked() else "sliders-horizontal")


def _choice(options: Options, *, name: str) -> QComboBox:
    box = QComboBox()
    box.setItemDelegate(QStyledItemDelegate(box))
    box.setAccessibleName(name)
    for _, text in options:
        box.addItem(text)
    return box
