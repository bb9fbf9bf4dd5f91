"""The status strip above every page: how things stand, in words, and the way to search, scan and sync."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout

from cmms_desktop.ui.text.connection import StripWords
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton, IconButton
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

HEIGHT = 48


class _Facts(QPushButton):
    """The left part: one button that opens Sync."""

    def __init__(self) -> None:
        super().__init__()
        set_style(self, role="strip")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._parts = row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        self.mark = IconLabel("online", color="success", size=theme().icon_size("strip"))
        self.word = Text(role="card-body", weight="semibold")
        self.facts = ElidedText(role="card-body", tone="muted")
        more = IconLabel("chevron-right", color="text-muted", size=theme().icon_size("inline"))
        for part in (self.mark, self.word, self.facts, more):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(part)
        row.addStretch(1)

    def sizeHint(self) -> QSize:
        return QSize(self._parts.sizeHint().width(), theme().target("minimum"))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, theme().target("minimum"))


class StatusStrip(QFrame):
    """Always there, also over sheets."""

    sync_wanted = Signal()
    search_wanted = Signal()
    scan_wanted = Signal()
    sign_in_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_style(self, kind="strip")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(4, 0, 8, 0)
        self._row.setSpacing(8)
        column.addLayout(self._row, 1)
        self._facts = _Facts()
        self._facts.clicked.connect(self.sync_wanted)
        self._row.addWidget(self._facts, 1)
        self._add_actions()
        self._progress = QProgressBar(textVisible=False)
        set_style(self._progress, role="strip")
        self._progress.setAccessibleName("Sent so far")
        column.addWidget(self._progress)
        self._progress.hide()
        self.setFixedHeight(max(HEIGHT, theme().line("card-body") + 24))
        theme().changed.connect(self._follow_theme)

    def _add_actions(self) -> None:
        self._sign_in = ActionButton("Sign in", role="quiet")
        self._sign_in.clicked.connect(self.sign_in_wanted)
        self._search = ActionButton("Search", icon="search", role="strip", shortcut_hint="Ctrl K")
        self._scan = ActionButton("Scan", icon="scan", role="strip", shortcut_hint="F2")
        self._small_search = IconButton("search", "Search")
        self._small_scan = IconButton("scan", "Scan a label")
        for button in (self._search, self._small_search):
            button.clicked.connect(self.search_wanted)
        for button in (self._scan, self._small_scan):
            button.clicked.connect(self.scan_wanted)
        for button in (self._sign_in, self._search, self._scan, self._small_search, self._small_scan):
            self._row.addWidget(button)
        self._sign_in.hide()
        self.set_compact(False)

    def set_compact(self, is_compact: bool) -> None:
        """Show icons alone where there is no room for words."""
        for button in (self._search, self._scan):
            button.setVisible(not is_compact)
        for small in (self._small_search, self._small_scan):
            small.setVisible(is_compact)

    def show_words(self, state: StripWords) -> None:
        """Say how things stand."""
        set_style(self, kind="strip-offline" if state.is_offline else "strip")
        self._facts.mark.set_icon(state.icon, color="state-offline" if state.is_offline else state.tone)
        self._facts.word.setText(state.word)
        self._facts.word.set_tone(state.tone)
        self._facts.facts.setText(" · ".join(("", *state.facts)).strip(" "))
        self._facts.setAccessibleName(f"{state.sentence}. Open Sync")
        self._sign_in.setVisible(state.needs_sign_in)
        self._progress.setVisible(state.progress is not None)
        if state.progress is not None:
            self._progress.setValue(state.progress)

    @Slot()
    def _follow_theme(self) -> None:
        self.setFixedHeight(max(HEIGHT, theme().line("card-body") + 24))
