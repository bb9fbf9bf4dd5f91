"""The footer of an order: the trail of steps or a sentence, the next step, and behind "…" what else can be done."""

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order.steps import TRAIL, Action, FooterState
from cmms_desktop.ui.text.numbers import counted
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.footer import FooterBar, StepTrail
from cmms_desktop.ui.widgets.progress import Progress

SAVED = "Saved at each tap"


class OrderFooter(FooterBar):
    """Shows a FooterState; tells the key of whatever was chosen."""

    stepped = Signal()
    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._state = FooterState()
        self._trail: StepTrail | None = None
        self._progress: AnswersProgress | None = None
        self._unsaved = 0
        self._menu = QMenu(self)
        self.primary_pressed.connect(self.stepped)
        self.secondary_pressed.connect(self._press_secondary)

    def show_state(self, state: FooterState) -> None:
        if state == self._state:
            return
        self._show_left(state)
        primary = state.primary
        self.set_primary(primary.text if primary else None, primary.icon if primary else None)
        if state.secondary is not None:
            self.set_secondary(state.secondary.text, state.secondary.icon or None)
        else:
            self.set_secondary("" if state.more else None, "ellipsis", name="More")
        self._state = state

    @Slot(int)
    def show_unsaved(self, count: int) -> None:
        """Say beside the answers that some are not saved; with 0, that each tap is."""
        self._unsaved = count
        if self._progress is not None:
            self._progress.show_unsaved(count)

    @property
    def sentence(self) -> str:
        """How the order stands, where there is no step to show."""
        return self._state.sentence

    @property
    def has_hidden_more(self) -> bool:
        """Whether the further things need another button, because the secondary says something else."""
        return self._state.secondary is not None and bool(self._state.more)

    def open_menu(self, button: QPushButton) -> None:
        """Show the further things above or below a button."""
        self._menu.clear()
        for each in self._state.more:
            self._menu.addAction(self._entry(each))
        above = self._menu.sizeHint().height()
        is_low = button.mapTo(self.window(), QPoint(0, 0)).y() > self.window().height() // 2
        self._menu.popup(button.mapToGlobal(QPoint(0, -above if is_low else button.height())))

    @property
    def menu(self) -> QMenu:
        return self._menu

    def _entry(self, action: Action) -> QAction:
        entry = QAction(theme().icon(action.icon, "text", theme().icon_size("control")), action.text, self._menu)
        entry.setData(action.key)
        entry.triggered.connect(self._press_entry)
        return entry

    def _show_left(self, state: FooterState) -> None:
        if state.answered is not None:
            self._progress = self._progress or AnswersProgress()
            self._progress.show_answers(*state.answered)
            self._progress.show_unsaved(self._unsaved)
            self._use(self._progress)
        elif state.current is not None:
            self._trail = self._trail or StepTrail(TRAIL, state.current)
            self._trail.set_current(state.current)
            self._use(self._trail)
        else:
            self._use(None)
            self.set_state_text(state.sentence)

    def _use(self, widget: QWidget | None) -> None:
        """Put a widget at the left; the bar throws away the one that stood there."""
        self.set_left(widget)
        if widget is not self._trail:
            self._trail = None
        if widget is not self._progress:
            self._progress = None

    @Slot()
    def _press_secondary(self) -> None:
        if self._state.secondary is not None:
            self.chosen.emit(self._state.secondary.key)
        else:
            self.open_menu(self.secondary)

    @Slot()
    def _press_entry(self) -> None:
        entry = self.sender()
        if isinstance(entry, QAction):
            self.chosen.emit(str(entry.data()))


class AnswersProgress(QWidget):
    """How many answers are given, and that each tap is saved, or how many are not."""

    def __init__(self) -> None:
        super().__init__()
        self._progress = Progress("", SAVED)
        self._answered, self._unsaved = (0, 0), 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout()
        column.addStretch(1)
        column.addWidget(self._progress)
        column.addStretch(1)
        row.addLayout(column, 1)
        row.addStretch(1)

    def show_answers(self, answered: int, total: int) -> None:
        self._answered = (answered, total)
        self._show()

    def show_unsaved(self, count: int) -> None:
        self._unsaved = count
        self._show()

    def _show(self) -> None:
        answered, total = self._answered
        title = f"{answered} of {total} answered"
        words = f"{counted(self._unsaved, 'answer')} not saved" if self._unsaved else SAVED
        self._progress.show_progress(answered / total if total else 1.0, words, title=title)
        self.setAccessibleName(f"{title}, {words}" if self._unsaved else title)
