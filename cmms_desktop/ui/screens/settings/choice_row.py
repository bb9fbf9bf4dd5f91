"""A label over a few choices of which one always holds; they wrap where there is no room."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.segmented import Chips, Options
from cmms_desktop.ui.widgets.text import Text

BY_ORGANIZATION = "Set by your organization's profile."


class ChoiceRow(QWidget):
    """Tells `chosen` with the key; a press on the chosen one changes nothing."""

    chosen = Signal(str)

    def __init__(self, label: str, options: Options) -> None:
        super().__init__()
        self._current = ""
        self.chips = Chips(options)
        self.chips.setAccessibleName(label)
        self.chips.chosen.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(2))
        column.addWidget(Text(label, role="label"))
        column.addWidget(self.chips)
        self._options = dict(options)
        self.fixed = Text("", role="card-body", wrap=True)
        self.fixed.hide()
        column.addWidget(self.fixed)

    def set_current(self, key: str) -> None:
        """Show a choice without telling; one that is not offered leaves none chosen."""
        self._current = key
        self.chips.set_keys((key,))

    def fix(self, is_fixed: bool) -> None:
        """Say what holds where the organization has chosen, in place of what could be chosen."""
        self.chips.setVisible(not is_fixed)
        self.fixed.setVisible(is_fixed)
        self.fixed.setText(f"{self._options.get(self._current, self._current)}. {BY_ORGANIZATION}")

    @Slot(str)
    def _choose(self, key: str) -> None:
        self.chips.set_keys((key,))
        if key != self._current:
            self._current = key
            self.chosen.emit(key)
