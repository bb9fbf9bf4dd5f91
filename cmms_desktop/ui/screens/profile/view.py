"""The page for an organization's profile: one field that takes a scan, what stands in the profile, and a yes."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.profile.presenter import (
    COMPARE,
    COMPARE_WHY,
    HOW,
    KNOWN,
    ProfileDesk,
    ProfilePresenter,
    ProfileState,
)
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text
from sync_server.contract.rules.profile import MOST_BYTES

WIDEST = 560
"""px at the normal size of text."""
PRIMARY_WIDTH = 280
"""px at least of the primary button at the normal size of text, where it does not take the whole width."""


class ProfilePage(Page):
    """Shown without a session, before signing in."""

    def __init__(self, desk: ProfileDesk) -> None:
        super().__init__()
        self._title = Text("", role="display")
        self.note = Banner("warning", "")
        self.field = LabelledField("Profile", hint=HOW)
        self.field.line.setProperty("takes_scan", True)
        self.field.line.setMaxLength(2 * MOST_BYTES)
        self.field.line.returnPressed.connect(self._look)
        self.field.edited.connect(self._typed)
        self.look = ActionButton("Look at it", icon="search", role="primary")
        self.look.clicked.connect(self._look)
        self.facts = KeyValueGrid(columns=2)
        self.advice = Banner("info", COMPARE, COMPARE_WHY)
        self.failure = Banner("danger", "")
        self.take = ActionButton("Use this profile", icon="check", role="primary")
        self.take.clicked.connect(self._take)
        self.back = ActionButton("Back to signing in", icon="arrow-left", large=True)
        self.back.clicked.connect(self._leave)
        self.take.hide()  # so that the page is not as wide as three buttons before its first state is shown
        self.back.hide()
        self._build()
        self._presenter = ProfilePresenter(desk, self)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def _build(self) -> None:
        self._card = Card(padding=6)
        self._card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._card.body.setContentsMargins(*(theme().space(6),) * 4)
        self._card.body.setSpacing(theme().space(4))
        for part in (self._title, self.note, self.failure, self.field, self.advice, self.facts):
            self._card.body.addWidget(part)
        middle = QWidget()
        around = QVBoxLayout(middle)
        around.setContentsMargins(*(theme().space(4),) * 4)
        row = QHBoxLayout()
        row.addStretch(0)
        row.addWidget(self._card, 1)
        row.addStretch(0)
        around.addStretch(1)
        around.addLayout(row)
        around.addStretch(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll_area(middle, name="Profile"), 1)
        column.addWidget(self._footer())

    def _footer(self) -> QFrame:
        """The way back and the one filled button, in sight however long the page is."""
        footer = QFrame()
        set_style(footer, kind="footer")
        row = self._footer_row = QHBoxLayout(footer)
        row.setContentsMargins(*(theme().space(n) for n in (4, 2, 4, 2)))
        row.setSpacing(theme().space(3))
        row.addWidget(self.back)
        row.addStretch(1)
        for button in (self.look, self.take):
            row.addWidget(button)
        return footer

    def arrange(self, size_class: str) -> None:
        """Let the button be as wide as a small window, and facts stand one below the other where there is no room."""
        is_compact = size_class == "compact"
        for place, stretch in enumerate((0, int(not is_compact), int(is_compact), int(is_compact))):
            self._footer_row.setStretch(place, stretch)
        for button in (self.look, self.take):
            button.setMinimumWidth(0 if is_compact else int(PRIMARY_WIDTH * theme().factor))
        self.facts.set_columns(1 if size_class == "compact" and self.width() < WIDEST * theme().factor else 2)

    # ---- the page

    def start(self) -> None:
        self._presenter.start()
        self.field.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def stop(self) -> None:
        self._presenter.close()

    def primary(self) -> QPushButton | None:
        return self.take if self.take.isVisibleTo(self) else self.look

    def step_back(self) -> bool:
        self._presenter.leave()
        return True

    # ---- the view

    def show_state(self, state: ProfileState) -> None:
        self._title.setText(state.title)
        self.note.setVisible(bool(state.notes))
        if state.notes:
            self.note.show_message("warning", " ".join(state.notes))
        self.field.set_error(state.problem)
        self.look.setVisible(not state.facts)
        self.look.set_busy(state.is_looking, text="Looking…")
        is_offered = bool(state.facts)
        self.facts.set_pairs(state.facts)
        self.facts.setVisible(is_offered)
        self.advice.setVisible(is_offered)
        if state.is_known_key:
            self.advice.show_message("success", KNOWN)
        else:
            self.advice.show_message("warning", COMPARE, COMPARE_WHY)
        self.failure.setVisible(state.failure is not None)
        if state.failure is not None:
            self.failure.show_message("danger", state.failure)
        self.take.setVisible(is_offered)
        self.take.set_busy(state.is_taking, text="Setting up…")
        self.back.setVisible(state.can_leave)

    # ---- intents

    @Slot()
    def _look(self) -> None:
        self._presenter.look(self.field.text())

    @Slot(str)
    def _typed(self, _text: str) -> None:
        self._presenter.typed()

    @Slot()
    def _take(self) -> None:
        self._presenter.take()

    @Slot()
    def _leave(self) -> None:
        self._presenter.leave()

    @Slot()
    def _follow_theme(self) -> None:
        self._card.setMaximumWidth(round(WIDEST * theme().factor))
