"""The page Assets: a list with a search field, and the card of the chosen asset."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.assets.card import AssetCardPane
from cmms_desktop.ui.screens.assets.presenter import AssetRow, AssetsPresenter, AssetsState, CardState
from cmms_desktop.ui.screens.order.searched_list import ListWithCard, SearchedList
from cmms_desktop.ui.screens.report.view import ReportForm
from cmms_desktop.ui.widgets.sheet import Sheet


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
        self._context = context
        self.report: ReportForm | None = None
        self.sheet = Sheet(self)
        self.card.requests.wanted.connect(self._open_report)
        self.sheet.closed.connect(self._drop_report)

    def stop(self) -> None:
        self.sheet.close_sheet()
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

    def primary(self) -> QPushButton | None:
        """Report what is being entered."""
        return None if self.report is None else self.report.save_button

    def step_back(self) -> bool:
        if self.report is not None:
            self.sheet.close_sheet()
            return True
        return self.card.step_back() or super().step_back()

    def forget_reading(self, meter_id: str) -> None:
        self.card.meters.forget_reading(meter_id)

    @Slot(str)
    def _open_report(self, asset_id: str) -> None:
        if self.report is None:
            self.report = ReportForm(self._context, asset_id)
            self.report.saved.connect(self.sheet.close_sheet)
            self.sheet.open(self.report, "Report a problem", detail=self.card.title)

    @Slot()
    def _drop_report(self) -> None:
        """Take the form away; what was half entered is kept."""
        form, self.report = self.report, None
        if form is not None:
            form.stop()
            form.deleteLater()
