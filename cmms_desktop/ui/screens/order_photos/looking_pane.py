"""What all panes share that show photos: small pictures as they come, and one in full in the place of the list."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from cmms_desktop.ui.screens.order_photos.looking import LookingPresenter, PhotoRow
from cmms_desktop.ui.screens.order_photos.photo_view import PhotoViewer


class LookingPane(QWidget):
    """Shows photos for a presenter; where the list and the photo stand, each pane says itself."""

    def __init__(self, *, back: str = "All photos") -> None:
        super().__init__()
        self._thumbs: dict[str, QImage] = {}
        self._looking: LookingPresenter | None = None
        self.viewer = PhotoViewer(back=back)
        self.viewer.back.clicked.connect(self._close_photo)
        self.viewer.turned.connect(self._turn)
        self.is_looking = False

    def step_back(self) -> bool:
        """Show the list again; False: it is there."""
        was_looking = self.is_looking
        if was_looking:
            self._close_photo()
        return was_looking

    def show_thumb(self, sha256: str, image: QImage) -> None:
        self._thumbs[sha256] = image  # for rows that are made later, too

    def show_photo(self, row: PhotoRow, *, place: str) -> None:
        self.viewer.show_photo(row.caption, row.about, place=place)
        self._turn_to(is_photo=True)
        self.viewer.back.setFocus()

    def show_picture(self, sha256: str, image: QImage) -> None:
        self.viewer.show_picture(image)

    def show_list(self) -> None:
        self._turn_to(is_photo=False)

    def _turn_to(self, *, is_photo: bool) -> None:
        self.is_looking = is_photo
        self._arrange_photo()

    def _arrange_photo(self) -> None:
        """Show the photo, or do not, as `is_looking` says; whoever has a list in its place hides that meanwhile."""
        self.viewer.setVisible(self.is_looking)

    @Slot(str)
    def _open(self, photo_id: str) -> None:
        if self._looking is not None:
            self._looking.open_photo(photo_id, self._room())

    @Slot(int)
    def _turn(self, step: int) -> None:
        if self._looking is not None:
            self._looking.turn(step, self._room())

    @Slot()
    def _close_photo(self) -> None:
        if self._looking is not None:
            self._looking.close_photo()

    def _room(self) -> tuple[int, int]:
        """Pixels that a picture can have."""
        ratio, window = self.devicePixelRatioF(), self.window()
        return max(1, int(self.width() * ratio)), max(1, int(window.height() * ratio))
