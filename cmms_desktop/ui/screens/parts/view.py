"""The page Parts: a list with search and scope, and where the chosen part lies."""

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.order.searched_list import ListWithCard, SearchedList
from cmms_desktop.ui.screens.parts.card import PartCardPane
from cmms_desktop.ui.screens.parts.presenter import CardState, PartListRow, PartsPresenter, PartsState
from cmms_desktop.ui.widgets.segmented import Segmented


class PartsPage(ListWithCard):
    """Place `parts`: part_id, when one is to be chosen. The number at the end of a row is what the own van holds."""

    key = "part_id"

    def __init__(self, context: ScreenContext, place: Place) -> None:
        super().__init__()
        self.scopes = Segmented((("van", "My van"), ("all", "All parts")))
        self.list_pane: SearchedList[PartListRow] = SearchedList(
            "Parts", hint="Name, code or barcode", icon="parts", beside=self.scopes
        )
        self.card = PartCardPane()
        presenter = PartsPresenter(context, self, place.get(self.key))
        self.scopes.chosen.connect(presenter.choose_scope)
        self.furnish(self.list_pane, self.card, presenter, place)

    def show_state(self, state: PartsState) -> None:
        self.scopes.setVisible(state.has_van)
        self.scopes.set_current(state.scope)
        self.list_pane.show_found(
            state.rows, chosen=state.selected_id, note=state.note, search=state.search, empty=state.empty
        )

    def show_card(self, card: CardState | None) -> None:
        self.card.show_card(card)
