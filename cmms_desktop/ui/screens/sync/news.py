"""The news on the sync page: a short list, one press away from what each is about."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.sync.news_presenter import NewsPresenter, NewsRow
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, SectionTitle
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class NewsSection(QWidget):
    """The section; hidden while there is no news."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self.title = SectionTitle("News", role="heading")
        self._rows: KeyedColumn[NewsRow] = KeyedColumn(self._make, NewsLineWidget.show_row, dividers=True)
        self.read_all = ActionButton("Mark all as read", icon="check", role="quiet")
        card = Card()
        card.body.addWidget(self._rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        self.title.add_trailing(self.read_all)
        column.addWidget(self.title)
        column.addWidget(card)
        self.hide()
        self._presenter = NewsPresenter(context, self)
        self.read_all.clicked.connect(self._presenter.read_all)

    @property
    def lines(self) -> tuple["NewsLineWidget", ...]:
        """What is shown."""
        return self._rows.widgets()

    def start(self) -> None:
        """Ask for it, and follow it."""
        self._presenter.start()

    def stop(self) -> None:
        """Ask no more."""
        self._presenter.close()

    def show_news(self, rows: tuple[NewsRow, ...], *, title: str, has_unread: bool) -> None:
        self.title.set_title(title)
        self._rows.set_rows(rows)
        self.read_all.setVisible(has_unread)
        self.setVisible(bool(rows))

    def _make(self, row: NewsRow) -> QWidget:
        line = NewsLineWidget(row)
        line.opened.connect(self._open)
        return line

    @Slot(str)
    def _open(self, row_id: str) -> None:
        self._presenter.open(row_id)


class NewsLineWidget(QWidget):
    """One thing."""

    opened = Signal(str)

    def __init__(self, row: NewsRow) -> None:
        super().__init__()
        self.row = row
        self.text = Text(role="item", wrap=True)
        self.detail = Text(role="small", tone="muted", wrap=True)
        self.new = BadgeLabel(BadgeSpec("info", "info", "New"))
        self.open_button = ActionButton("Open", role="quiet")
        self.open_button.clicked.connect(self._tell)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self.text)
        said.addWidget(self.detail)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        line.setSpacing(theme().space(3))
        line.addLayout(said, 1)
        line.addWidget(self.new)
        line.addWidget(self.open_button)
        self.show_row(row)

    def show_row(self, row: NewsRow) -> None:
        self.row = row
        self.text.setText(row.text)
        self.detail.setText(row.detail)
        self.detail.setVisible(bool(row.detail))
        self.new.setVisible(not row.is_read)
        self.open_button.setVisible(row.place is not None)
        self.open_button.setAccessibleName(f"Open {row.text}")

    @Slot()
    def _tell(self) -> None:
        self.opened.emit(self.row.id)
