"""Choices in reach of a thumb: joined segments for one of few, chips for one or several of some."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import GAP, button_icon, icon_px
from cmms_desktop.ui.widgets.flow_layout import FlowLayout
from cmms_desktop.ui.widgets.giving_button import GivingButton
from cmms_desktop.ui.widgets.styling import set_style

Options = tuple[tuple[str, str], ...]
"""Pairs of a key, which is code, and its text, which is shown."""


class ChoiceButton(GivingButton):
    """One checkable choice; a check mark stands before the word while it is chosen."""

    def __init__(self, key: str, text: str, *, role: str, has_check: bool = True) -> None:
        super().__init__(text)
        self.key = key
        self._role, self._has_check = role, has_check
        self.setCheckable(True)
        self.setAccessibleName(text)
        set_style(self, role=role)
        self.toggled.connect(self._render)
        theme().changed.connect(self._render)
        self._render()

    @Slot()
    def _render(self) -> None:
        if not self._has_check:
            return
        size = icon_px("inline")
        color = "on-accent" if self._role == "segment" else "on-selection"
        shown = self.isChecked()
        icon = button_icon("pass", color=color, checked=color, size=size, gap=GAP, ratio=self.devicePixelRatioF())
        self.setIcon(icon if shown else type(icon)())
        self.setIconSize(QSize(size + GAP, size))
        self.updateGeometry()


class Segmented(QWidget):
    """One of few, always one: joined buttons, the chosen one filled."""

    chosen = Signal(str)

    def __init__(
        self, options: Options, *, current: str | None = None, has_check: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._has_check = has_check
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._buttons: dict[str, ChoiceButton] = {}
        self._told = ""
        for key, text in options:
            self._add(key, text)
        join([*self._buttons.values()])
        self.set_current(current if current is not None else next(iter(self._buttons), ""))

    @property
    def current(self) -> str:
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Show a choice without telling; an unknown key changes nothing."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)
            self._told = key

    def set_text(self, key: str, text: str) -> None:
        """Show other words, such as another count."""
        self._buttons[key].setText(text)
        self._buttons[key].setAccessibleName(text)

    def button(self, key: str) -> QPushButton:
        return self._buttons[key]

    def _add(self, key: str, text: str) -> None:
        button = ChoiceButton(key, text, role="segment", has_check=self._has_check)
        self._buttons[key] = button
        self._group.addButton(button)
        self._row.addWidget(button)
        button.clicked.connect(self._tell)

    @Slot()
    def _tell(self) -> None:
        if self.current != self._told:
            self._told = self.current
            self.chosen.emit(self._told)


class Chips(QWidget):
    """One (which can be taken back) or several of some, each with its own frame; they wrap."""

    chosen = Signal(str)
    """The key that was pressed; `keys()` says what is chosen now."""

    def __init__(self, options: Options, *, multiple: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._multiple = multiple
        self._flow = FlowLayout(self, gap=theme().space(2), line_gap=theme().space(2))
        self._buttons: dict[str, ChoiceButton] = {}
        self.set_options(options)

    def set_options(self, options: Options) -> None:
        """Offer other choices; those already chosen stay chosen."""
        kept = set(self.keys())
        self._flow.clear()
        self._buttons = {}
        for key, text in options:
            button = ChoiceButton(key, text, role="chip")
            button.setChecked(key in kept)
            button.clicked.connect(self._tell)
            self._buttons[key] = button
            self._flow.addWidget(button)
            button.show()

    def keys(self) -> tuple[str, ...]:
        return tuple(key for key, button in self._buttons.items() if button.isChecked())

    def set_keys(self, keys: Iterable[str]) -> None:
        """Show what is chosen without telling."""
        wanted = set(keys)
        for key, button in self._buttons.items():
            button.setChecked(key in wanted)

    def button(self, key: str) -> QPushButton:
        return self._buttons[key]

    @Slot()
    def _tell(self) -> None:
        pressed = self.sender()
        if not isinstance(pressed, ChoiceButton):
            return
        if not self._multiple and pressed.isChecked():
            self.set_keys((pressed.key,))
        self.chosen.emit(pressed.key)


def join(buttons: Sequence[QPushButton]) -> None:
    """Let neighbours share one border and round only the outer corners (property `position`)."""
    for number, button in enumerate(buttons):
        first, last = number == 0, number == len(buttons) - 1
        position = "only" if first and last else "first" if first else "last" if last else "middle"
        set_style(button, position=position)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
