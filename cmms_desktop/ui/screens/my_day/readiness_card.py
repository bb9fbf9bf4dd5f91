"""Whether the day can be done without a network: a soft banner with *Check*, or one line where there is little room."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.my_day.presenter import ReadinessState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style, set_tip
from cmms_desktop.ui.widgets.text import ElidedText, Text

MOST_LINES = 6
"""Missing things that are listed; the rest is a number."""


class ReadinessCard(QFrame):
    """Shows a ReadinessState. *Check* also lists what is missing."""

    checked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state: ReadinessState | None = None
        self._is_compact = False
        self._icon = IconLabel("accepted", color="success", size="nav")
        self._title = ElidedText(role="card-body", weight="semibold")
        self._text = ElidedText(role="caption", tone="muted", lines=2)
        self._missing = Text(role="small", wrap=True)
        self._missing.hide()
        self.button = ActionButton("Check", role="quiet")
        set_tip(self.button, "Check again whether everything is here")
        self.button.clicked.connect(self._check)
        self._room = QWidget()
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self._title, self._text, self._missing):
            words.addWidget(part)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(0)  # the button brings its own room
        self._row.addWidget(self._room)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addSpacing(theme().space(2))
        self._row.addLayout(words, 1)
        self._row.addWidget(self.button)
        self.arrange(is_compact=False)

    @property
    def missing_text(self) -> str:
        """What is listed as missing; "" while nothing is."""
        return "" if self._missing.isHidden() else self._missing.text()

    def show_state(self, state: ReadinessState) -> None:
        self._state = state
        tone = "success" if state.is_ready else "warning"
        set_style(self, kind=None if self._is_compact else f"banner-{tone}")
        self._icon.set_icon("accepted" if state.is_ready else "hazard", color=tone)
        self._title.setText(state.short if self._is_compact else state.title)
        self._title.set_tone(tone if self._is_compact else None)
        self._text.setText(state.text)
        self._text.setVisible(not self._is_compact)
        self._missing.setText(_lines(state.missing))
        self._missing.setVisible(bool(state.missing) and not self._missing.isHidden())
        self.setAccessibleName(f"{state.title}. {state.text}")

    def arrange(self, *, is_compact: bool) -> None:
        """One line without a frame where the window is small."""
        self._is_compact = is_compact
        upright = 0 if is_compact else theme().space(2)
        self._row.setContentsMargins(0, upright, 0, upright)
        self._room.setFixedWidth(0 if is_compact else theme().space(3))
        self.button.setVisible(not is_compact)
        if self._state is not None:
            self.show_state(self._state)

    @Slot()
    def _check(self) -> None:
        self._missing.setVisible(self._state is not None and bool(self._state.missing))
        self.checked.emit()


def _lines(missing: tuple[str, ...]) -> str:
    rest = len(missing) - MOST_LINES
    return "\n".join((*missing[:MOST_LINES], *((f"and {rest} more",) if rest > 0 else ())))
