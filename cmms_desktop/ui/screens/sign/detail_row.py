"""One line of a record: what it is about, and what is stated; or the heading of the lines that follow."""

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cmms_desktop.ui.screens.sign.state import Detail
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.text import Text


class DetailRow(QWidget):
    """Shows a Detail; its text can be selected."""

    def __init__(self, detail: Detail) -> None:
        super().__init__()
        self._label = Text("", role="small", tone="muted", wrap=True)
        self._text = Text("", role="small", wrap=True, selectable=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme().space(1), 0, 0)
        row.setSpacing(theme().space(3))
        row.addWidget(self._label, 2)
        row.addWidget(self._text, 3)
        self.show_detail(detail)

    def show_detail(self, detail: Detail) -> None:
        self._label.setText(detail.label)
        self._label.set_role("label" if detail.is_title else "small")
        self._label.set_tone(None if detail.is_title else "muted")
        self._text.setText(detail.text)
        self._text.setVisible(not detail.is_title)
