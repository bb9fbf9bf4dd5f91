"""The card of an asset: what is known of it, and its orders on this device."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.assets.comments import AssetComments
from cmms_desktop.ui.screens.assets.details import DetailSection
from cmms_desktop.ui.screens.assets.making import MakingSection
from cmms_desktop.ui.screens.assets.meters import MeterSection
from cmms_desktop.ui.screens.assets.photos import AssetPhotos
from cmms_desktop.ui.screens.assets.presenter import AssetOrderRow, CardState
from cmms_desktop.ui.screens.assets.requests import RequestSection
from cmms_desktop.ui.screens.assets.shared_code import SharedCodeCard
from cmms_desktop.ui.screens.extensions.tags_section import TagsSection
from cmms_desktop.ui.screens.extensions.values_section import ValuesSection
from cmms_desktop.ui.screens.order.searched_list import CardPane
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid, SectionTitle
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class AssetCardPane(CardPane):
    """One asset, or that none is chosen."""

    def __init__(self, context: ScreenContext) -> None:
        nothing = EmptyState("assets", "No asset chosen", "Choose one from the list, or scan its label.")
        super().__init__(name="Asset", nothing=nothing, gap=4)
        self._card: CardState | None = None
        self._notice = Banner("info", "")
        self._grid = KeyValueGrid(3)
        self._facts = Card()
        self._facts.body.addWidget(self._grid)
        self._notes_title, self._notes = SectionTitle("Notes"), Text(wrap=True, selectable=True)
        self._orders_title = SectionTitle("Orders on this device")
        self.orders: KeyedColumn[AssetOrderRow] = KeyedColumn(self._make, OrderLine.show_row)
        self._none = Text("No orders of this asset are here.", role="card-body", tone="muted")
        self.shared = SharedCodeCard()
        self.meters = MeterSection()
        self.specifications = DetailSection("Specifications", 3)
        self.documents = DetailSection("Documents", 2)
        self.relations = DetailSection("Works with", 2)
        self.tags = TagsSection(context, "asset")
        self.making = MakingSection(context)
        self.requests = RequestSection(context)
        self.values = ValuesSection(context, "asset")
        self.photos = AssetPhotos(context)
        self.comments = AssetComments(context)
        for part in (
            self._notice,
            self.shared,
            self._facts,
            self.tags,
            self.values,
            self.meters,
            self.specifications,
            self.documents,
            self.relations,
            self._notes_title,
            self._notes,
            self._orders_title,
            self.orders,
        ):
            self.content.column.addWidget(part)
        self.content.column.addWidget(self._none)
        self.content.column.addWidget(self.making)
        self.content.column.addWidget(self.requests)
        self.content.column.addWidget(self.photos)
        self.content.column.addWidget(self.comments)
        self.content.column.addStretch(1)

    @property
    def title(self) -> str:
        """What the asset is called; "" while none is shown."""
        return self._card.title if self._card is not None else ""

    @property
    def notice(self) -> str:
        """What to know about what is shown; "" for nothing."""
        return self._card.notice[0] if self._card is not None and self._card.notice is not None else ""

    def show_card(self, card: CardState | None) -> None:
        if card is None or self._card is None or card.id != self._card.id:
            self.shared.clear_code()
        self._card = card
        self.setCurrentIndex(0 if card is None else 1)
        here = card.id if card is not None and card.notice is None else ""
        self.tags.show_thing(here)
        self.making.show_asset(here)
        self.requests.show_asset("" if card is None else card.id)
        self.values.show_thing(here)
        self.photos.show_asset(here)
        self.comments.show_asset(here)
        if card is None:
            return
        self.header.show_title(card.title, facts=(card.about,))
        self.header.set_badges(card.badges)
        self._notice.setVisible(card.notice is not None)
        if card.notice is not None:
            self._notice.show_message("info", *card.notice)
        self.shared.show_shared(card.shared)
        self._grid.set_pairs(card.facts)
        self._facts.setVisible(bool(card.facts))
        self.meters.show_rows(card.meters)
        self.specifications.show_pairs(card.details.specifications)
        self.documents.show_pairs(card.details.documents)
        self.relations.show_pairs(card.details.relations)
        self._notes.setText(card.notes)
        for part in (self._notes_title, self._notes):
            part.setVisible(bool(card.notes))
        self.orders.set_rows(card.orders)
        self._none.setVisible(not card.orders)

    def step_back(self) -> bool:
        """Show the card again when a photo stands in its place; False: none does."""
        return self.photos.step_back() or self.comments.step_back()

    def stop(self) -> None:
        """Ask no more."""
        self.tags.stop()
        self.values.stop()
        self.photos.stop()
        self.comments.stop()
        self.making.stop()
        self.requests.stop()

    def arrange(self, size_class: str) -> None:
        super().arrange(size_class)
        self._grid.set_columns(2 if theme().factor > 1 else 3)
        self.meters.arrange(size_class)
        for section in (self.specifications, self.documents, self.relations):
            section.arrange()

    def _make(self, row: AssetOrderRow) -> QWidget:
        line = OrderLine(row)
        line.opened.connect(self.order_opened)
        return line


class OrderLine(Card):
    """An order, one press away."""

    opened = Signal(str)

    def __init__(self, row: AssetOrderRow) -> None:
        super().__init__()
        self._id = row.id
        self._text, self._detail = Text(role="item", wrap=True), Text(role="small", tone="muted", wrap=True)
        self._badges = BadgeRow()
        self.button = ActionButton("Open", role="quiet")
        self.button.clicked.connect(self._tell)
        words = QVBoxLayout()
        words.setSpacing(theme().space(1))
        for part in (self._text, self._detail, self._badges):
            words.addWidget(part)
        line = QHBoxLayout()
        line.addLayout(words, 1)
        line.addWidget(self.button)
        self.body.addLayout(line)
        self.show_row(row)

    def show_row(self, row: AssetOrderRow) -> None:
        self._text.setText(row.text)
        self._detail.setText(row.detail)
        self._detail.setVisible(bool(row.detail))
        self._badges.set_specs(row.badges)
        self.button.setAccessibleName(f"Open {row.text}")

    @Slot()
    def _tell(self) -> None:
        self.opened.emit(self._id)
