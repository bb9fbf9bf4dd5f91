"""Photos of the chosen asset, on its card: adding some, a row each, and one of them in full in the same place."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_photos.view import PhotoPane
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import SectionTitle
from cmms_desktop.ui.widgets.text import Text

PHOTO_HEIGHT_PX = 320
"""Of a photo in full, at least: the card scrolls, so nothing else says how high it is."""


class AssetPhotos(PhotoPane):
    """A title over the photos and the place to add one; hidden while no asset's card is here."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Text("No photos yet.", role="card-body", tone="muted"))
        self._asset_id = ""
        self.viewer.setMinimumHeight(PHOTO_HEIGHT_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(2))
        column.addWidget(SectionTitle("Photos"))
        column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._card, self._nothing, self.viewer, self._refusal, self.adder):
            column.addWidget(part)
        self.viewer.hide()
        self.hide()

    def show_asset(self, asset_id: str) -> None:
        """Show the photos of an asset; "": none whose card is here."""
        if asset_id != self._asset_id:
            self._asset_id = asset_id
            self.show_thing("asset", asset_id)
            self.setVisible(bool(asset_id))

    def _arrange_photo(self) -> None:
        super()._arrange_photo()
        self._card.setVisible(not self.is_looking and bool(self.rows.widgets()))
