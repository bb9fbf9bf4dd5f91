"""The settings page: looks, positions, and who is enrolled here."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.applied_look import apply_look
from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.settings.choice_row import ChoiceRow
from cmms_desktop.ui.screens.settings.people_card import PeopleCard
from cmms_desktop.ui.screens.settings.presenter import SettingsPresenter, SettingsState
from cmms_desktop.ui.screens.settings.receiver_card import ReceiverCard
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.text import Text

WIDEST = 760
"""px at the normal size of text: lines that are read stay within this."""
THEMES = (("light", "Light"), ("dark", "Dark"), ("sunlight", "Sunlight"))
PHOTOS = (("wait", "Wait"), ("send", "Send"))
SIZES = (("small", "Small"), ("normal", "Normal"), ("large", "Large"), ("largest", "Largest"))

PHOTOS_HINT = "Text is always sent. Photos that wait can be sent once from the Sync page."


class SettingsPage(Page):
    """Everything that people prefer on this installation."""

    def __init__(self, context: ScreenContext, place: Place) -> None:
        super().__init__()
        self._is_started = False
        self.problem = Banner("warning", "")
        self.theme_row = ChoiceRow("Theme", THEMES)
        self.size_row = ChoiceRow("Size of text", SIZES)
        self.photos_row = ChoiceRow("Photos on metered networks", PHOTOS)
        self.receiver = ReceiverCard()
        self.people = PeopleCard()
        looks = Card(padding=5)
        looks.body.setSpacing(theme().space(4))
        looks.body.addWidget(self.theme_row)
        looks.body.addWidget(self.size_row)
        sending = Card(padding=5)
        sending.body.setSpacing(theme().space(2))
        sending.body.addWidget(self.photos_row)
        sending.body.addWidget(Text(PHOTOS_HINT, role="card-body", tone="muted", wrap=True))
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(*(theme().space(n) for n in (6, 4, 6, 4)))
        column.setSpacing(theme().space(3))
        heading = "For everybody on this device. Every choice takes effect at once."
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text("Settings", role="display"))
        words.addWidget(Text(heading, role="small", tone="muted", wrap=True))
        column.addLayout(words)
        column.addWidget(self.problem)
        cards = (("Looks", looks), ("Sending", sending), ("Positions", self.receiver))
        for title, card in (*cards, ("People on this device", self.people)):
            column.addSpacing(theme().space(2))
            column.addWidget(Text(title, role="heading"))
            column.addWidget(card)
        column.addStretch(1)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scroll_area(self._inside, name="Settings"))
        self._presenter = SettingsPresenter(context, self)
        self.theme_row.chosen.connect(self._presenter.choose_theme)
        self.size_row.chosen.connect(self._presenter.choose_size)
        self.photos_row.chosen.connect(self._presenter.choose_photos_on_metered)
        self.receiver.source_chosen.connect(self._presenter.choose_source)
        self.receiver.typed.connect(self._presenter.enter)
        self.receiver.test_wanted.connect(self._presenter.test)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._presenter.start()

    def stop(self) -> None:
        self._presenter.close()

    def show_state(self, state: SettingsState) -> None:
        apply_look(state.preferences)
        self.problem.setVisible(state.problem is not None)
        if state.problem is not None:
            self.problem.show_message("warning", state.problem)
        self.theme_row.set_current(state.preferences.theme)
        self.size_row.set_current(state.preferences.font_setting)
        self.photos_row.set_current(state.preferences.photos_on_metered)
        self.photos_row.fix("photos_on_metered" in state.fixed)
        self.receiver.show_state(state)
        self.people.show_people(state.people)

    def _follow_theme(self) -> None:
        self._inside.setMaximumWidth(round(WIDEST * max(1.0, theme().factor)))
