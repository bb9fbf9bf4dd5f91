"""Who may unlock his work on this device."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.text import ElidedText, Text

HOW = "Each unlocks his own encrypted work with his own secret. Sign out to let somebody else work."


class PeopleCard(Card):
    """Lists logins and roles."""

    def __init__(self) -> None:
        super().__init__(padding=5)
        self.body.setSpacing(0)
        self._people: tuple[tuple[str, str], ...] = ()
        self._how = Text(HOW, role="small", tone="muted", wrap=True)
        self.body.addWidget(self._how)

    def show_people(self, people: tuple[tuple[str, str], ...]) -> None:
        """Show pairs of login and role; built once, for they do not change while somebody works."""
        if people == self._people:
            return
        self._people = people
        for child in self.findChildren(_PersonRow):
            child.deleteLater()
        for place, (login, role) in enumerate(people):
            self.body.insertWidget(place, _PersonRow(login, role))


class _PersonRow(QWidget):
    def __init__(self, login: str, role: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        row.setSpacing(theme().space(3))
        row.addWidget(IconLabel("user", color="text-muted", size="control"))
        row.addWidget(ElidedText(login, role="card-body", weight="medium"), 1)
        row.addWidget(Text(role, role="card-body", tone="muted"))
