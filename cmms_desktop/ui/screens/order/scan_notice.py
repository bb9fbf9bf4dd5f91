"""A scanned code that is not what the order names: asked in place, above the page, with the answers beside it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order.scanning import ScanQuestion
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text


class ScanNotice(QFrame):
    """One question with *Ignore* and what puts the code on the order, in the place of its asset or beside it."""

    kept = Signal()
    added = Signal()
    ignored = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_style(self, kind="banner-warning")
        self._title = Text(role="card-body", weight="semibold", wrap=True)
        self._text = Text(role="card-body", wrap=True)
        self.keep_button = ActionButton("")
        self.add_button = ActionButton("")
        self.ignore_button = ActionButton("Ignore")
        self.keep_button.clicked.connect(self.kept)
        self.add_button.clicked.connect(self.added)
        self.ignore_button.clicked.connect(self.ignored)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(4), theme().space(3), theme().space(4), theme().space(3))
        row.setSpacing(theme().space(3))
        row.addWidget(IconLabel("scan", color="warning", size="strip"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.ignore_button)
        row.addWidget(self.add_button)
        row.addWidget(self.keep_button)

    def show_question(self, question: ScanQuestion | None) -> None:
        """Ask a question; without one, whatever holds this is hidden."""
        if question is None:
            return
        self._title.setText(question.title)
        self._text.setText(question.text)
        for button, words in ((self.keep_button, question.keep), (self.add_button, question.add)):
            button.setVisible(words is not None)
            button.set_text(words or "")
        self.ignore_button.setFocus(Qt.FocusReason.OtherFocusReason)
