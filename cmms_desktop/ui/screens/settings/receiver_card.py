"""Where positions come from: the source, its values, and a test that shows the first position or why there is none."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.application.preferences import SPEEDS_BAUD, Preferences
from cmms_desktop.ui.screens.settings.choice_row import ChoiceRow
from cmms_desktop.ui.screens.settings.presenter import NO_RECEIVER, SettingsState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.text import Text

SOURCES = (("none", "None"), ("nmea_file", "Recording"), ("network", "Network"), ("serial", "Serial line"))
TESTING = "Looking for a position…"


class ReceiverCard(Card):
    """Tells `source_chosen`, `typed` (name of a value, text) and `test_wanted`."""

    source_chosen = Signal(str)
    typed = Signal(str, str)
    test_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(padding=5)
        self.body.setSpacing(theme().space(4))
        self.source = ChoiceRow("Positions come from", SOURCES)
        self.source.chosen.connect(self.source_chosen)
        self.file = LabelledField("Recording", hint="An NMEA 0183 file. Its positions are marked as replayed.")
        self.host = LabelledField("Receiver on the network", hint="Name or address; gpsd or lines of NMEA 0183.")
        self.port = LabelledField("Port")
        self.line = LabelledField("Serial line", hint="Such as /dev/ttyACM0 or COM3.")
        self.speed = ChoiceRow("Speed in bits a second", tuple((f"{each}", f"{each}") for each in SPEEDS_BAUD))
        self.fields = {
            "nmea_file": self.file,
            "receiver_host": self.host,
            "receiver_port": self.port,
            "serial_line": self.line,
        }
        for name, field in self.fields.items():
            field.edited.connect(partial(self.typed.emit, name))
        self.speed.chosen.connect(partial(self.typed.emit, "serial_speed_baud"))
        self._pages = {
            "none": _page(Text(NO_RECEIVER, role="card-body", tone="muted", wrap=True)),
            "nmea_file": _page(self.file),
            "network": _page(self.host, self.port),
            "serial": _page(self.line, self.speed),
        }
        self.fixed = Text("", role="card-body", tone="muted", wrap=True)
        self.test = ActionButton("Test receiver", icon="satellite")
        self.test.clicked.connect(self.test_wanted)
        self.result = Banner("info", "")
        for part in (self.source, *self._pages.values(), self.fixed):
            self.body.addWidget(part)
        self.body.addWidget(self.test, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.result)

    def show_state(self, state: SettingsState) -> None:
        """Show the preferred receiver, and what a test found."""
        preferences, problems = state.preferences, dict(state.problems)
        self.source.set_current(preferences.positioning)
        is_fixed = "positioning" in state.fixed
        self.source.fix(is_fixed)
        for name, page in self._pages.items():
            page.setVisible(name == preferences.positioning and (not is_fixed or name == "none"))
        self.fixed.setVisible(is_fixed and preferences.positioning != "none")
        self.fixed.setText(_told(preferences))
        self.file.set_text(preferences.nmea_file)
        self.host.set_text(preferences.receiver_host)
        self.port.set_text(state.port)
        self.line.set_text(preferences.serial_line)
        self.speed.set_current(f"{preferences.serial_speed_baud}")
        for name, field in self.fields.items():
            field.set_error(problems.get(name))
        self.test.setVisible(preferences.positioning != "none")
        self.test.set_busy(state.is_testing, text=TESTING)
        self.result.setVisible(state.result is not None)
        if state.result is not None:
            self.result.show_message(state.result.kind, state.result.title, state.result.text)


def _told(preferences: Preferences) -> str:
    """Name a receiver that nobody chooses here."""
    if preferences.positioning == "network":
        return f"{preferences.receiver_host}, port {preferences.receiver_port}"
    return f"{preferences.serial_line}, {preferences.serial_speed_baud} bits a second"


def _page(*parts: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme().space(3))
    for part in parts:
        column.addWidget(part)
    return page
