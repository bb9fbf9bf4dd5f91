"""Photos of one item side by side, and the place for one more. Small pictures come from the desk, never from here."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSizePolicy, QWidget

from cmms_desktop.ui.screens.checklist.desk import RowDesk
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.flow_layout import FlowLayout
from cmms_desktop.ui.widgets.photo_tile import AddPhotoTile, PhotoTile
from cmms_desktop.ui.widgets.styling import set_tip


class PhotoStrip(QWidget):
    """Tiles of 80 × 56; the dashed one adds a photo."""

    wanted = Signal()
    """One more photo is to be taken."""

    def __init__(self, desk: RowDesk, subject: str) -> None:
        super().__init__()
        self._desk, self._subject = desk, subject
        self._tiles: dict[str, PhotoTile] = {}
        self.add = AddPhotoTile()
        self.add.setAccessibleName(f"Add photo, {subject}")
        self.add.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.add.clicked.connect(self.wanted)
        self._flow = FlowLayout(self, gap=theme().space(3), line_gap=theme().space(2))
        self._flow.addWidget(self.add)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    @property
    def tiles(self) -> tuple[PhotoTile, ...]:
        """The photos in order."""
        return tuple(self._tiles.values())

    def show_photos(self, photos: tuple[str, ...], *, may_add: bool) -> None:
        """Show photos by their digests; tiles that are there stay."""
        self.add.setVisible(may_add)
        if tuple(self._tiles) == photos:
            return
        while self._flow.takeAt(0) is not None:
            pass
        for sha256 in [each for each in self._tiles if each not in photos]:
            self._tiles.pop(sha256).deleteLater()
        self._tiles = {sha256: self._tiles.get(sha256) or self._tile(sha256) for sha256 in photos}
        for number, tile in enumerate(self._tiles.values(), start=1):
            tile.setAccessibleName(f"Photo {number}, {self._subject}")
            self._flow.addWidget(tile)
            tile.show()
        self._flow.addWidget(self.add)
        self.updateGeometry()

    def _tile(self, sha256: str) -> PhotoTile:
        tile = PhotoTile(parent=self)
        tile.setObjectName(sha256)
        tile.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        tile.clicked.connect(self._open)
        self._desk.small_photo(sha256, partial(self._show_small, sha256))
        return tile

    def _show_small(self, sha256: str, image: QImage | None) -> None:
        tile = self._tiles.get(sha256) or self.findChild(PhotoTile, sha256)
        if isinstance(tile, PhotoTile) and image is not None:
            tile.set_thumb(image)
            set_tip(tile, tile.accessibleName())
        elif isinstance(tile, PhotoTile):
            set_tip(tile, "This photo is not on this device yet.")

    @Slot()
    def _open(self) -> None:
        tile = self.sender()
        if isinstance(tile, PhotoTile):
            self._desk.show_photo(tile.objectName())
