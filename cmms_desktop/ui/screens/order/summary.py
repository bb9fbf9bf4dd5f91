"""The Summary page of an order: what stands in the way, what to know, what to take along."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.extensions.tags_section import TagsSection
from cmms_desktop.ui.screens.extensions.values_section import ValuesSection
from cmms_desktop.ui.screens.order.states import LinkRow, Notice, StockRow, SummaryState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid, SectionTitle
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.text import ElidedText, Text

LONGEST_LINE = 760
"""px: wider text is hard to read (guide.md §4)."""
ICONS = {"returned": "return", "stale": "stale-signature", "hold": "state-on-hold", "locked": "lock"}
"""Notice → icon, where it differs from that of its kind."""


class SummaryTab(QWidget):
    """Shows a SummaryState; built once, updated in place."""

    acted = Signal(str)
    order_opened = Signal(str)
    asset_opened = Signal(str)

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self.tags = TagsSection(context, "work_order")
        self.values = ValuesSection(context, "work_order")
        self._notices: KeyedColumn[Notice] = KeyedColumn(self._make_notice, NoticeBanner.show_row, gap=2)
        self._grid = KeyValueGrid(3)
        self._facts = Card()
        self._facts.body.addWidget(self._grid)
        self._texts = TextSections()
        self._parts_title = SectionTitle("Take with you")
        self._parts: KeyedColumn[StockRow] = KeyedColumn(StockLineWidget, StockLineWidget.show_row, dividers=True)
        self._parts_card = Card()
        self._parts_card.body.setContentsMargins(theme().space(4), 0, theme().space(4), 0)
        self._parts_card.body.addWidget(self._parts)
        self._assets: KeyedColumn[LinkRow] = KeyedColumn(self._make_asset, LinkLine.show_row)
        self._links: KeyedColumn[LinkRow] = KeyedColumn(self._make_link, LinkLine.show_row)
        self._content = ScrolledColumn()
        parts = QVBoxLayout()
        parts.setSpacing(theme().space(1))
        parts.addWidget(self._parts_title)
        parts.addWidget(self._parts_card)
        for part in (self._notices, self._facts, self._assets, self._texts, self.values, self.tags):
            self._content.column.addWidget(part)
        self._content.column.addLayout(parts)
        self._content.column.addWidget(self._links)
        self._content.column.addStretch(1)
        self.area = scroll_area(self._content, name="Summary")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        self.arrange("regular")

    @property
    def notices(self) -> tuple["NoticeBanner", ...]:
        """What stands in the way, as it is shown."""
        return self._notices.widgets()

    def show_order(self, order_id: str) -> None:
        """Show what an organization adds to an order; "": no order is shown."""
        self.tags.show_thing(order_id)
        self.values.show_thing(order_id)

    def show_state(self, state: SummaryState) -> None:
        self._notices.set_rows(state.notices)
        self._grid.set_pairs(state.facts)
        self._texts.show_texts(state.texts)
        self._parts.set_rows(state.parts)
        self._parts_title.set_trailing(state.stock_as_of)
        for part in (self._parts_title, self._parts_card):
            part.setVisible(bool(state.parts))
        self._links.set_rows(state.links)
        self._assets.set_rows(state.assets)

    def arrange(self, size_class: str) -> None:
        self._content.set_margins(size_class)
        self._grid.set_columns(2 if size_class == "compact" and theme().factor > 1 else 3)

    def _make_notice(self, notice: Notice) -> QWidget:
        banner = NoticeBanner(notice)
        banner.notice_acted.connect(self.acted)
        return banner

    @property
    def assets(self) -> tuple["LinkLine", ...]:
        """Further assets, as they are shown."""
        return self._assets.widgets()

    def _make_asset(self, row: LinkRow) -> QWidget:
        line = LinkLine(row, icon="assets")
        line.opened.connect(self.asset_opened)
        return line

    def _make_link(self, row: LinkRow) -> QWidget:
        line = LinkLine(row)
        line.opened.connect(self.order_opened)
        return line


class NoticeBanner(Banner):
    """One notice; its button tells which."""

    notice_acted = Signal(str)

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice.kind, notice.title, notice.text, action=notice.action, icon=ICONS.get(notice.id))
        self._id = notice.id
        self.acted.connect(self._tell)
        self.show_row(notice)

    def show_row(self, notice: Notice) -> None:
        self.show_message(notice.kind, notice.title, notice.text, action=notice.action)
        self.setAccessibleName(f"{notice.title}. {notice.text}")

    @Slot()
    def _tell(self) -> None:
        self.notice_acted.emit(self._id)


class TextSections(QWidget):
    """Headings over what somebody wrote."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[tuple[str, str], ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().space(1))

    def show_texts(self, texts: tuple[tuple[str, str], ...]) -> None:
        if texts == self._shown:
            return
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for number, (title, words) in enumerate(texts):
            if number:
                self._column.addSpacing(theme().space(3))
            self._column.addWidget(SectionTitle(title))
            text = Text(words, wrap=True, selectable=True)
            text.setMaximumWidth(LONGEST_LINE)
            self._column.addWidget(text)
        self._shown = texts
        self.setVisible(bool(texts))


class StockLineWidget(QWidget):
    """A part to take along, and where it lies."""

    def __init__(self, row: StockRow) -> None:
        super().__init__()
        self._name = ElidedText(role="item", lines=2)
        self._stock = Text(role="card-body", tone="muted", tabular=True)
        self._badge: BadgeLabel | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, theme().space(3), 0, theme().space(3))
        self._row.setSpacing(theme().space(3))
        self._row.addWidget(IconLabel("parts", size="control"))
        self._row.addWidget(self._name, 1)
        self._row.addWidget(self._stock)
        self.show_row(row)

    def show_row(self, row: StockRow) -> None:
        self._name.setText(row.text)
        self._stock.setText(row.stock)
        if self._badge is not None:
            self._badge.setVisible(row.badge is not None)
        if row.badge is not None:
            if self._badge is None:
                self._badge = BadgeLabel(row.badge)
                self._row.insertWidget(2, self._badge)
            self._badge.set_spec(row.badge)


class LinkLine(Card):
    """Another order or asset, one press away."""

    opened = Signal(str)

    def __init__(self, row: LinkRow, *, icon: str = "conditional") -> None:
        super().__init__()
        self._id = row.id
        self._caption = Text(role="caption", tone="muted")
        self._words = ElidedText(role="item", lines=2)
        self._open = ActionButton("Open", role="quiet")
        self._open.clicked.connect(self._tell)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._caption)
        words.addWidget(self._words)
        line = QHBoxLayout()
        line.setSpacing(theme().space(3))
        line.addWidget(IconLabel(icon, size="control"))
        line.addLayout(words, 1)
        line.addWidget(self._open)
        self.body.addLayout(line)
        self.show_row(row)

    def show_row(self, row: LinkRow) -> None:
        self._caption.setText(row.caption)
        self._words.setText(row.text)
        self._open.setAccessibleName(f"Open {row.text}")

    @Slot()
    def _tell(self) -> None:
        self.opened.emit(self._id)
