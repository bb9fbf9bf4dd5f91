"""The page Assets: a list with a search field, and the card of the chosen asset."""

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.assets.card import AssetCardPane
from cmms_desktop.ui.screens.assets.presenter import AssetRow, AssetsPresenter, AssetsState, CardState
from cmms_desktop.ui.screens.order.searched_list import ListWithCard, SearchedList


class AssetsPage(ListWithCard):
    """Place `assets`: asset_id, when one is to be chosen."""

    key = "asset_id"

    def __init__(self, context: ScreenContext, place: Place) -> None:
        super().__init__()
        self.list_pane: SearchedList[AssetRow] = SearchedList(
            "Assets", hint="Code, name, serial or site", icon="assets"
        )
        self.card = AssetCardPane(context)
        presenter = AssetsPresenter(context, self, place.get(self.key))
        self.card.shared.renamed.connect(presenter.rename)
        self.card.shared.linked.connect(presenter.link)
        self.card.meters.read.connect(presenter.read)
        self.furnish(self.list_pane, self.card, presenter, place)

    def stop(self) -> None:
        self.card.stop()
        super().stop()

    def show_state(self, state: AssetsState) -> None:
        self.list_pane.show_found(
            state.rows, chosen=state.selected_id, note=state.note, search=state.search, empty=state.empty
        )

    def show_card(self, card: CardState | None) -> None:
        self.card.show_card(card)

    def forget_code(self) -> None:
        self.card.shared.clear_code()

    def forget_reading(self, meter_id: str) -> None:
        self.card.meters.forget_reading(meter_id)
