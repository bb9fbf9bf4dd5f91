"""Parts of pages with photos: the adder, a row for each photo, and small pictures side by side."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order_photos.looking import LONGEST_CAPTION, PhotoRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.flow_layout import FlowLayout
from cmms_desktop.ui.widgets.photo_choice import PhotoChoice
from cmms_desktop.ui.widgets.photo_tile import PhotoTile
from cmms_desktop.ui.widgets.text import Text


class PhotoAdder(Card):
    """The caption of the next photo, and choosing its file."""

    files_chosen = Signal(tuple)

    def __init__(self) -> None:
        super().__init__()
        self.caption = LabelledField("Caption of the next photo", placeholder="What does it show?")
        self.caption.line.setMaxLength(LONGEST_CAPTION)
        self.button = ActionButton("Add photo", icon="camera", large=True)
        self.button.clicked.connect(self._choose)
        self.choice = PhotoChoice(self, several=True)
        self.choice.chosen.connect(self._tell_files)
        self._adding = Text(role="small", tone="muted")
        line = QHBoxLayout()
        line.setSpacing(theme().space(3))
        line.addWidget(self.caption, 1)
        button = QVBoxLayout()
        button.addStretch(1)
        button.addWidget(self.button)
        line.addLayout(button)
        self.body.addLayout(line)
        self.body.addWidget(self._adding)
        self._adding.hide()

    def show_adding(self, words: str) -> None:
        self._adding.setText(words)
        self._adding.setVisible(bool(words))

    @Slot()
    def _choose(self) -> None:
        self.choice.open("", "Add photo")

    @Slot(str, tuple)
    def _tell_files(self, _: str, paths: tuple[Path, ...]) -> None:
        self.files_chosen.emit(tuple(str(path) for path in paths))


class PhotoLineWidget(QWidget):
    """One photo: small picture, caption, who took it when, and where it is."""

    opened = Signal(str)

    def __init__(self, row: PhotoRow) -> None:
        super().__init__()
        self._id, self.sha256 = row.id, row.sha256
        self.tile = PhotoTile()
        self.tile.clicked.connect(self._tell)
        self._caption = Text(role="item", wrap=True)
        self._about = Text(role="small", tone="muted", wrap=True)
        self._badges = BadgeRow()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._caption)
        words.addWidget(self._about)
        words.addStretch(1)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        line.setSpacing(theme().space(3))
        line.addWidget(self.tile)
        line.addLayout(words, 1)
        line.addWidget(self._badges, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_row(row)

    def show_row(self, row: PhotoRow) -> None:
        self._caption.setText(row.caption)
        self._about.setText(row.about)
        self._badges.set_specs(row.badges)
        self.tile.setEnabled(row.can_open)
        self.tile.setAccessibleName(f"Open photo: {row.caption}, {row.about}")

    @Slot()
    def _tell(self) -> None:
        self.opened.emit(self._id)


class PhotoTiles(QWidget):
    """Small pictures side by side, without words; each opens its photo. Hidden while there is none."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[PhotoRow, ...] = ()
        self._thumbs: dict[str, QImage] = {}
        self._flow = FlowLayout(self, gap=theme().space(2), line_gap=theme().space(2))
        self.tiles: list[PhotoTile] = []
        self.hide()

    def show_rows(self, rows: tuple[PhotoRow, ...]) -> None:
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self._make(len(rows))
        self._rows = rows
        for tile, row in zip(self.tiles, rows, strict=True):
            tile.setEnabled(row.can_open)
            where = ", ".join(badge.text for badge in row.badges)
            tile.setAccessibleName(f"Open photo: {row.caption}, {row.about}, {where}")
            if row.sha256 in self._thumbs:
                tile.set_thumb(self._thumbs[row.sha256])
        self.setVisible(bool(rows))

    def put_thumb(self, sha256: str, image: QImage) -> None:
        self._thumbs[sha256] = image  # a tile that is made later needs it, too
        for tile, row in zip(self.tiles, self._rows, strict=True):
            if row.sha256 == sha256:
                tile.set_thumb(image)

    @property
    def digests(self) -> tuple[str, ...]:
        """Of the photos that are shown, in their order."""
        return tuple(row.sha256 for row in self._rows)

    def _make(self, count: int) -> None:
        self._flow.clear()
        self.tiles = [PhotoTile(parent=self) for _ in range(count)]
        for tile in self.tiles:
            tile.clicked.connect(self._tell)
            self._flow.addWidget(tile)
            tile.show()
        self.updateGeometry()

    @Slot()
    def _tell(self) -> None:
        tile = self.sender()
        if isinstance(tile, PhotoTile) and tile in self.tiles:
            self.opened.emit(self._rows[self.tiles.index(tile)].id)
