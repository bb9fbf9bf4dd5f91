"""The arrive sheet: a drawing with its facts, what the receiver says, what is right, and one button that records it."""

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QPushButton, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.arrive.choice_card import ChoiceCard
from cmms_desktop.ui.screens.arrive.facts import FactsPane
from cmms_desktop.ui.screens.arrive.presenter import ArrivePresenter
from cmms_desktop.ui.screens.arrive.states import ArriveState
from cmms_desktop.ui.text.arrival_words import SAVED_NOW
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.footer import FooterBar
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.segmented import Chips
from cmms_desktop.ui.widgets.text import Text

TICK_MS = 1000
WISHED_PX = 600
"""Height of the sheet's content, at the normal font size; it scrolls where there is less."""
BESIDE_PX = 900
"""Width, at the normal font size, from which the drawing stands beside the words."""


class ArriveSheet(QWidget):
    """For a Sheet; it measures from the moment it is shown. `arrived` when the arrival is recorded."""

    arrived = Signal()

    def __init__(self, context: ScreenContext, log_id: str, order_id: str) -> None:
        super().__init__()
        self._presenter = ArrivePresenter(context, self, log_id=log_id, order_id=order_id)
        self._has_started = False
        self._offered: tuple[str, ...] = ()
        self._chip = self._led_to = ""
        self._cards: dict[str, ChoiceCard] = {}
        self.banner = Banner("info", "")
        self.facts = FactsPane()
        self.reasons = Chips(())
        self.reason = LabelledField("", placeholder="In a few words")
        self.reason.editor.setAccessibleName("Reason")
        self.reason.line.setMaxLength(900)
        self._label = Text("Reason", role="label")
        self.footer = FooterBar()
        self._timer = QTimer(self, interval=TICK_MS)
        self._build()
        self._connect()

    # ---- the sheet around it

    def stop(self) -> None:
        """Let go of everything; what was typed stays as a draft."""
        self._timer.stop()
        self._presenter.close()

    def primary(self) -> QPushButton:
        """The button that records, for Ctrl+Enter."""
        return self.footer.primary

    def card(self, key: str) -> ChoiceCard:
        """The card of a choice."""
        return self._cards[key]

    # ---- the presenter's view

    def show_state(self, state: ArriveState) -> None:
        kind, title, text = state.banner
        action, icon = ("Stop measuring", "locate") if state.is_locating else (None, None)
        self.banner.show_message(kind, title, text, action=action, icon=icon or ("fence" if state.choices else None))
        self._show_choices(state)
        has_reason = bool(state.choices)
        self._label.setText(state.reason_label)
        self.reason.editor.setAccessibleName(state.reason_label)
        if self._offered != state.reasons:
            self._offered = state.reasons
            self.reasons.set_options(tuple((each, each) for each in state.reasons))
            self.reasons.set_keys((self._chip,) if self._chip else ())
        for part in (self._label, self.reason):
            part.setVisible(has_reason)
        self.reasons.setVisible(has_reason and bool(state.reasons))
        self._order_tabs()
        self.facts.show_state(state)
        self.footer.primary.setVisible(state.may_record)
        self._lead(state)

    def show_draft(self, chip: str, text: str) -> None:
        self._chip = chip
        self.reasons.set_keys((chip,) if chip else ())
        self.reason.set_text(text)

    def show_refusal(self, sentence: str | None) -> None:
        """Say it under the reason; where none is asked for, in place of where the arrival is saved."""
        has_reason = self.reason.isVisibleTo(self)
        self.reason.set_error(sentence if has_reason else None)
        if sentence is None:
            self.footer.set_state_text(SAVED_NOW, icon="backup")
        elif not has_reason:
            self.footer.set_state_text(sentence, icon="refused", tone="danger")
        else:
            self.footer.set_state_text("")
            self.reason.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_busy(self, is_busy: bool) -> None:
        self.footer.primary.set_busy(is_busy)

    def done(self) -> None:
        self._timer.stop()
        self.arrived.emit()

    def sizeHint(self) -> QSize:
        return QSize(1160, int(WISHED_PX * max(1.0, theme().factor)))

    def hasHeightForWidth(self) -> bool:
        """It scrolls; the sheet around it gives it the height that `sizeHint` wishes."""
        return False

    # ---- parts

    def _lead(self, state: ArriveState) -> None:
        """Once it is known where somebody is, put the keyboard on what he does next; never while he types."""
        what = "locating" if state.is_locating else "asked" if state.choices else "inside"
        if what == self._led_to:
            return
        self._led_to = what
        if QApplication.focusWidget() is self.reason.editor:
            return
        target = {"locating": self.banner.action_button, "inside": self.footer.primary}.get(what)
        (target or self._cards[state.chosen]).setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        self._words = QWidget()
        column = QVBoxLayout(self._words)
        side = theme().space(6)
        column.setContentsMargins(side, theme().space(4), side, theme().space(4))
        column.setSpacing(theme().space(2))
        self._choices = QVBoxLayout()
        self._choices.setSpacing(theme().space(2))
        column.addWidget(self.banner)
        column.addSpacing(theme().space(1))
        column.addLayout(self._choices)
        column.addSpacing(theme().space(1))
        for part in (self._label, self.reasons, self.reason):
            column.addWidget(part)
        column.addStretch(1)
        inner = QWidget()
        self._panes = QBoxLayout(QBoxLayout.Direction.LeftToRight, inner)
        self._panes.setContentsMargins(0, 0, 0, 0)
        self._panes.setSpacing(0)
        self._panes.addWidget(self.facts, 45)
        self._panes.addWidget(self._words, 70)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll_area(inner, name="Arrival"), 1)
        outer.addWidget(self.footer)
        self.footer.set_state_text(SAVED_NOW, icon="backup")
        self.footer.set_primary("Record arrival", "arrive")

    def _connect(self) -> None:
        self.banner.acted.connect(self._presenter.stop_measuring)
        self.reasons.chosen.connect(self._pick)
        self.reason.edited.connect(self._presenter.type_reason)
        self.reason.line.returnPressed.connect(self._record)
        self.footer.primary_pressed.connect(self._record)
        self._timer.timeout.connect(self._tick)

    def _show_choices(self, state: ArriveState) -> None:
        wanted = {choice.key: choice for choice in state.choices}
        if self._cards.keys() != wanted.keys():
            while (item := self._choices.takeAt(0)) is not None:
                if (old := item.widget()) is not None:
                    old.hide()
                    old.deleteLater()
            self._cards = {key: ChoiceCard(choice) for key, choice in wanted.items()}
            for card in self._cards.values():
                card.clicked.connect(self._choose)
                self._choices.addWidget(card)
                card.show()
        for key, choice in wanted.items():
            self._cards[key].show_choice(choice)
            self._cards[key].setChecked(key == state.chosen)

    def _order_tabs(self) -> None:
        """From top to bottom; cards and chips are made after what stands below them."""
        chips = [self.reasons.button(key) for key in self._offered]
        stops = [self.banner.action_button, *self._cards.values(), *chips, self.reason.line, self.footer.primary]
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)

    def showEvent(self, event: object) -> None:
        """Begin to measure when somebody looks."""
        super().showEvent(event)  # type: ignore[arg-type]  # Qt hands a QShowEvent
        if not self._has_started:
            self._has_started = True
            self._presenter.start()
            self._timer.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._record()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_beside = self.width() / max(1.0, theme().factor) >= BESIDE_PX
        way = QBoxLayout.Direction.LeftToRight if is_beside else QBoxLayout.Direction.BottomToTop
        if self._panes.direction() != way:
            self._panes.setDirection(way)
        self.footer.set_compact(not is_beside)

    @Slot()
    def _tick(self) -> None:
        self._presenter.tick()

    @Slot()
    def _choose(self) -> None:
        card = self.sender()
        if isinstance(card, ChoiceCard):
            self._presenter.choose(card.key)

    @Slot(str)
    def _pick(self, _: str) -> None:
        self._chip = next(iter(self.reasons.keys()), "")
        self._presenter.pick_reason(self._chip)

    @Slot()
    def _record(self) -> None:
        if self.footer.primary.isVisibleTo(self):
            self._presenter.record()
