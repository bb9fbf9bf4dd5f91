"""A big button for somebody who is enrolled here: who, and in which role."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText


class PersonChoice(QPushButton):
    """Checkable; `login` says whose it is, None: somebody who is not enrolled here."""

    def __init__(self, login: str | None, title: str, detail: str) -> None:
        super().__init__()
        self.login = login
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(title)
        self.setAccessibleDescription(detail)
        set_style(self, role="chip")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._title = ElidedText(title, role="card-title")
        words.addWidget(self._title)
        words.addWidget(ElidedText(detail, role="small", tone="muted"))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(4), theme().space(2), theme().space(4), theme().space(2))
        row.setSpacing(theme().space(3))
        row.addWidget(IconLabel("user" if login else "plus", color="accent", size="nav"))
        row.addLayout(words, 1)
        self._check = IconLabel("check", color="accent", size="nav")
        self._check.hide()
        row.addWidget(self._check)
        self.toggled.connect(self._check.setVisible)
        for part in self.findChildren(ElidedText):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        lines = theme().line("card-title") + theme().line("small") + theme().space(4)
        return QSize(self._row.sizeHint().width(), max(theme().target("list_row"), lines))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().target("answer_width"), self.sizeHint().height())
