"""The Photos page: a row a photo with where its bytes lie, adding some, and one of them in full in the same place."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_photos.photo_view import PhotoViewer
from cmms_desktop.ui.screens.order_photos.presenter import (
    LONGEST_CAPTION,
    PhotoRow,
    PhotosPresenter,
    PhotosState,
)
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.photo_choice import PhotoChoice
from cmms_desktop.ui.widgets.photo_tile import PhotoTile
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.text import Text


class PhotosTab(QWidget):
    """Photos of one order."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._thumbs: dict[str, QImage] = {}
        self._refused = ""
        self._refusal = Banner("warning", "")
        self._refusal.hide()
        self.adder = PhotoAdder()
        self.adder.hide()  # until it is known whether photos may be added
        self.rows: KeyedColumn[PhotoRow] = KeyedColumn(self._make, PhotoLineWidget.show_row, dividers=True)
        self.earlier = ActionButton("Show earlier photos", icon="history", role="quiet")
        self.earlier.hide()
        self._card = Card()
        self._card.body.setContentsMargins(theme().space(4), 0, theme().space(4), 0)
        self._card.body.addWidget(self.rows)
        self._empty = EmptyState("image", "No photos yet", "Add one from a file, or drop it here.")
        self._content = ScrolledColumn()
        for part in (self.adder, self._refusal):
            self._content.column.addWidget(part)
        self._content.column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        for shown in (self._card, self._empty):
            self._content.column.addWidget(shown)
        self._content.column.addStretch(1)
        self.viewer = PhotoViewer()
        self.stack = QStackedWidget()
        self.stack.addWidget(scroll_area(self._content, name="Photos"))
        self.stack.addWidget(self.viewer)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.arrange("regular")
        self._presenter = PhotosPresenter(context, self, order_id)
        self._connect()

    @property
    def refusal(self) -> str:
        """Why a file was not added; "" for nothing."""
        return self._refused

    def start(self) -> None:
        self._presenter.start()

    def stop(self) -> None:
        self.adder.choice.close()
        self._presenter.close()

    def arrange(self, size_class: str) -> None:
        self._content.set_margins(size_class)

    def step_back(self) -> bool:
        is_open = self.stack.currentIndex() == 1
        if is_open:
            self._presenter.close_photo()
        return is_open

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = tuple(url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile())
        event.acceptProposedAction()
        self._presenter.add_files(paths)

    # ---- the presenter's view

    def show_state(self, state: PhotosState) -> None:
        self.adder.setVisible(state.may_add)
        self.adder.show_adding(state.adding)
        self.rows.set_rows(state.rows)
        self.earlier.setVisible(state.earlier > 0)
        self.earlier.setAccessibleName(f"Show earlier photos, {state.earlier} not shown")
        self._card.setVisible(bool(state.rows))
        self._empty.setVisible(not state.rows)

    def show_caption(self, text: str) -> None:
        self.adder.caption.set_text(text)

    def show_thumb(self, sha256: str, image: QImage) -> None:
        self._thumbs[sha256] = image
        for line in self.rows.widgets():
            if line.sha256 == sha256:
                line.tile.set_thumb(image)

    def show_refusal(self, sentence: str | None) -> None:
        self._refused = sentence or ""
        self._refusal.setVisible(sentence is not None)
        self._refusal.show_message("warning", self._refused)

    def show_photo(self, row: PhotoRow, *, place: str) -> None:
        self.viewer.show_photo(row.caption, row.about, place=place)
        self.stack.setCurrentIndex(1)
        self.viewer.back.setFocus()

    def show_picture(self, sha256: str, image: QImage) -> None:
        self.viewer.show_picture(image)

    def show_list(self) -> None:
        self.stack.setCurrentIndex(0)

    # ---- parts

    def _connect(self) -> None:
        self.adder.caption.edited.connect(self._presenter.type_caption)
        self.earlier.clicked.connect(self._presenter.show_earlier)
        self.adder.files_chosen.connect(self._presenter.add_files)
        self.viewer.back.clicked.connect(self._presenter.close_photo)
        self.viewer.turned.connect(self._turn)

    def _make(self, row: PhotoRow) -> QWidget:
        line = PhotoLineWidget(row)
        line.opened.connect(self._open)
        if row.sha256 in self._thumbs:
            line.tile.set_thumb(self._thumbs[row.sha256])
        return line

    @Slot(str)
    def _open(self, photo_id: str) -> None:
        self._presenter.open_photo(photo_id, self._room())

    @Slot(int)
    def _turn(self, step: int) -> None:
        self._presenter.turn(step, self._room())

    def _room(self) -> tuple[int, int]:
        """Pixels that a picture can have."""
        ratio = self.devicePixelRatioF()
        return max(1, int(self.width() * ratio)), max(1, int(self.height() * ratio))


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
