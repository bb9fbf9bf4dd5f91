"""Comments on the chosen asset: what was said, and a field to say more, at the end of its card."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.assets.photos import PHOTO_HEIGHT_PX
from cmms_desktop.ui.screens.order_comments.view import CommentsPane
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import SectionTitle
from cmms_desktop.ui.widgets.text import Text


class AssetComments(CommentsPane):
    """A title over the remarks and the field; hidden while no asset's card is here."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, kind="card")
        self._asset_id = ""
        self._none = Text("No comments yet.", role="card-body", tone="muted")
        self.viewer.setMinimumHeight(PHOTO_HEIGHT_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(2))
        column.addWidget(SectionTitle("Comments"))
        column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._rows, self._none, self.viewer, self.editor):
            column.addWidget(part)
        self.viewer.hide()
        self.hide()

    def show_asset(self, asset_id: str) -> None:
        """Show the remarks on an asset; "": none whose card is here."""
        if asset_id != self._asset_id:
            self._asset_id = asset_id
            self.show_thing("asset", asset_id)
            self.setVisible(bool(asset_id))

    def _arrange_photo(self) -> None:
        super()._arrange_photo()
        self._rows.setVisible(not self.is_looking and bool(self.cards))
        self._none.setVisible(not self.cards)
        self.editor.setVisible(self._may_write and not self.is_looking)
