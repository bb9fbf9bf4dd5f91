"""The list of the inbox: open or settled, rows by order, and what to know about open conflicts."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from cmms_desktop.ui.screens.inbox.states import InboxRow, InboxState
from cmms_desktop.ui.screens.review.tabbed_rows import TabbedRows
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.text import Text


class ListPane(TabbedRows[InboxRow]):
    """Its tabs are "open" and "settled"."""

    def __init__(self) -> None:
        super().__init__("Conflicts", (("open", "Open"), ("settled", "Settled")), describe=_describe)
        self._note = _Note()
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme().space(n) for n in (4, 4, 4, 4)))
        column.setSpacing(theme().space(3))
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        column.addWidget(self._note)

    def show_state(self, state: InboxState) -> None:
        """Show the list with its selected row, telling nobody."""
        tab_words = (("open", state.open_words), ("settled", state.settled_words))
        empty = state.empty_title, state.empty_text
        self.show_rows(state.tab, tab_words, state.rows, selected=state.selected, empty=empty)
        self._note.show_note(state.note)

    def set_compact(self, is_compact: bool) -> None:
        """Use the whole width on small windows; keep the words to the list."""
        self._note.is_wanted = not is_compact
        self._note.follow()


class _Note(QFrame):
    """What to know about open conflicts, at the foot of the list."""

    def __init__(self) -> None:
        super().__init__()
        self.is_wanted = True
        self._words = Text("", role="small", tone="muted", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(1), 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(IconLabel("info", color="text-muted"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def show_note(self, note: str) -> None:
        self._words.setText(note)
        self.follow()

    def follow(self) -> None:
        self.setVisible(self.is_wanted and bool(self._words.text()))


def _describe(row: InboxRow) -> str:
    badges = ", ".join(badge.text for badge in row.face.badges)
    return ", ".join(each for each in (row.face.title, row.face.detail, badges, row.face.time) if each)
