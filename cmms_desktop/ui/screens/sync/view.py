"""The sync page: figures, lanes, what needs attention and what waits; facts about this device beside them."""

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QBoxLayout, QPushButton, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.sync.attention_card import AttentionCard
from cmms_desktop.ui.screens.sync.fact_list import FactCard
from cmms_desktop.ui.screens.sync.figures import Figures
from cmms_desktop.ui.screens.sync.line_row import LineRow
from cmms_desktop.ui.screens.sync.news import NewsSection
from cmms_desktop.ui.screens.sync.presenter import SyncPresenter
from cmms_desktop.ui.screens.sync.rescue_card import RescueCard
from cmms_desktop.ui.screens.sync.states import Attention, Line, SyncState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Card, Divider, SectionTitle
from cmms_desktop.ui.widgets.footer import FooterBar
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.progress import Lane
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.text import Text

SIDE_WIDTH = 292
"""px of the facts beside the lists, at the normal size of text."""
NOTHING_STOPS = "Nothing here stops the rest."


class SyncPage(Page):
    """Where everything is."""

    def __init__(self, context: ScreenContext, place: Place) -> None:
        super().__init__()
        self._is_started = False
        self._shown: tuple[Attention, ...] = ()
        self._title = Text("Sync", role="display")
        self._headline = Text("", role="small", tone="muted", wrap=True, tabular=True)
        self.figures = Figures()
        self.changes, self.photos = Lane("list", "Changes"), Lane("images", "Photos")
        self.office = Lane("download", "From the office")
        self.news = NewsSection(context)
        self._attention_title = SectionTitle("Needs attention", NOTHING_STOPS, role="heading")
        self.attention: KeyedColumn[Attention] = KeyedColumn(self._make_card, AttentionCard.show_item)
        self._attention_more = Text("", role="small", tone="muted", wrap=True)
        self._waiting_title = SectionTitle("Waiting", role="heading")
        self._waiting, self.waiting = _list_card("waiting", "state-pending")
        self._more = Text("", role="small", tone="muted")
        self._waiting.body.addWidget(self._more)
        self._troubles_title = SectionTitle("Lately", role="heading")
        self._troubles, self.troubles = _list_card("hazard", "warning")
        self.device = FactCard("This device")
        self.rescue = RescueCard(context)
        self._side = QWidget()
        self.footer = FooterBar()
        self._build()
        self._presenter = SyncPresenter(context, self)
        self.footer.primary_pressed.connect(self._presenter.sync_now)
        self.footer.secondary_pressed.connect(self._presenter.toggle_photos)
        theme().changed.connect(self._arrange)
        self._arrange()

    def _build(self) -> None:
        lanes = Card()
        for number, lane in enumerate((self.changes, self.photos, self.office)):
            if number:
                lanes.body.addWidget(Divider())
            lanes.body.addWidget(lane)
        lanes.body.setSpacing(0)
        across, upright = theme().space(5), theme().space(1)
        lanes.body.setContentsMargins(across, upright, across, upright)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._headline)
        left = QVBoxLayout()
        left.setSpacing(theme().space(3))
        left.addLayout(words)
        for part in (self.figures, lanes, self.news, self._attention_title, self.attention, self._attention_more):
            left.addWidget(part)
        left.addWidget(self._waiting_title)
        left.addWidget(self._waiting)
        left.addWidget(self._troubles_title)
        left.addWidget(self._troubles)
        left.addStretch(1)
        inside = QWidget()
        self._panes = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self._panes.setContentsMargins(*(theme().space(n) for n in (6, 4, 6, 4)))
        self._panes.setSpacing(theme().space(6))
        self._panes.addLayout(left, 1)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme().space(4))
        side.addWidget(self.device)
        side.addWidget(self.rescue)
        self._panes.addWidget(self._side, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll_area(inside, name="Sync"), 1)
        column.addWidget(self.footer)

    def _make_card(self, item: Attention) -> QWidget:
        card = AttentionCard(item)
        card.set_compact(self.size_class == "compact")
        card.wanted.connect(self._act)
        card.typed.connect(self._presenter.enter)
        card.path_typed.connect(self._presenter.type_path)
        return card

    # ---- the page

    def start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._presenter.start()
            self.news.start()

    def stop(self) -> None:
        self._presenter.close()
        self.news.stop()
        self.rescue.close_presenter()

    def arrange(self, size_class: str) -> None:
        self._arrange()

    def primary(self) -> QPushButton | None:
        return self.footer.primary

    @Slot()
    def _arrange(self) -> None:
        is_compact = self.size_class == "compact"
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._panes.setDirection(below if is_compact else beside)
        self.figures.set_compact(is_compact)
        for card in self.attention.widgets():
            card.set_compact(is_compact)
        self.footer.set_compact(is_compact)
        width = round(SIDE_WIDTH * max(1.0, theme().factor))
        self._side.setMinimumWidth(0 if is_compact else width)
        self._side.setMaximumWidth(_UNBOUNDED if is_compact else width)
        self._panes.setAlignment(self._side, Qt.AlignmentFlag(0) if is_compact else Qt.AlignmentFlag.AlignTop)

    # ---- the view

    def show_state(self, state: SyncState) -> None:
        self._shown = state.attention
        self._headline.setText(state.headline)
        self.figures.show_figures(state.figures)
        for lane, said in ((self.changes, state.changes), (self.photos, state.photos), (self.office, state.office)):
            lane.show_lane(said.share, said.words, said.badge)
        self._attention_title.set_title(state.attention_title)
        self._attention_title.setVisible(bool(state.attention))
        self.attention.set_rows(state.attention)
        self._attention_more.setText(state.attention_more)
        self._attention_more.setVisible(bool(state.attention_more))
        self._show_list(self._waiting_title, self._waiting, self.waiting, state.waiting)
        self._waiting_title.set_title(state.waiting_title)
        self._more.setText(state.waiting_more)
        self._more.setVisible(bool(state.waiting_more))
        self._show_list(self._troubles_title, self._troubles, self.troubles, state.troubles)
        self.device.show_facts(state.device)
        self._show_footer(state)

    def _show_footer(self, state: SyncState) -> None:
        words = state.footer_short if self.size_class == "compact" else state.footer
        self.footer.set_state_text(words, icon=state.footer_icon)
        self.footer.set_secondary(state.pause, "play" if state.is_paused else "circle-pause")
        self.footer.set_primary("Sync now", "sync")
        self.footer.primary.set_busy(state.is_syncing, text="Syncing…")

    @staticmethod
    def _show_list(title: SectionTitle, card: Card, column: "KeyedColumn[Line]", lines: tuple[Line, ...]) -> None:
        column.set_rows(lines)
        title.setVisible(bool(lines))
        card.setVisible(bool(lines))

    # ---- intents

    @Slot(str, str)
    def _act(self, what: str, item_id: str) -> None:
        presenter = self._presenter
        {
            "fix": presenter.begin_fix,
            "send": presenter.send_again,
            "export": presenter.begin_export,
            "write": presenter.export,
            "leave": presenter.leave,
            "withdraw": presenter.withdraw,
            "compare": presenter.open_inbox,
            "copy": self._copy,
            "discard": presenter.discard,
        }[what](item_id)

    def _copy(self, item_id: str) -> None:
        kept = next((item.kept for item in self._shown if item.id == item_id), ())
        QGuiApplication.clipboard().setText("\n".join(kept))
        self._presenter.copied()


def _list_card(icon: str, color: str) -> tuple[Card, "KeyedColumn[Line]"]:
    card = Card()
    make = partial(LineRow, icon=icon, color=color)
    column: KeyedColumn[Line] = KeyedColumn(make, LineRow.show_line, dividers=True)
    card.body.setSpacing(0)
    card.body.addWidget(column)
    return card, column


_UNBOUNDED = 16_777_215
"""Qt's QWIDGETSIZE_MAX."""
