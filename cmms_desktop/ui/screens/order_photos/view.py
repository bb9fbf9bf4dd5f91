"""Photos of an order or an asset: a row each with where its bytes lie, adding some, and one in full."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.application.commands.remarks import Remarked
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_photos.looking import PhotoRow
from cmms_desktop.ui.screens.order_photos.looking_pane import LookingPane
from cmms_desktop.ui.screens.order_photos.photo_rows import PhotoAdder, PhotoLineWidget
from cmms_desktop.ui.screens.order_photos.presenter import PhotosPresenter, PhotosState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area


class PhotoPane(LookingPane):
    """Photos of one thing. Its parts are made here; where they stand, the page or the card says."""

    def __init__(self, context: ScreenContext, nothing: QWidget) -> None:
        """`nothing`: shown while there is no photo."""
        super().__init__()
        self.setAcceptDrops(True)
        self._context = context
        self._presenter: PhotosPresenter | None = None
        self._refused = ""
        self._refusal = Banner("warning", "")
        self._refusal.hide()
        self.adder = PhotoAdder()
        self.rows: KeyedColumn[PhotoRow] = KeyedColumn(self._make, PhotoLineWidget.show_row, dividers=True)
        self.earlier = ActionButton("Show earlier photos", icon="history", role="quiet")
        self.earlier.hide()
        self._card, self._nothing = Card(), nothing
        self._card.body.setContentsMargins(theme().space(4), 0, theme().space(4), 0)
        self._card.body.addWidget(self.rows)
        self.adder.caption.edited.connect(self._type_caption)
        self.adder.files_chosen.connect(self._add_files)
        self.earlier.clicked.connect(self._show_earlier)

    @property
    def refusal(self) -> str:
        """Why a file was not added; "" for nothing."""
        return self._refused

    def show_thing(self, about: Remarked, about_id: str) -> None:
        """Show the photos of a thing from now on; "": of none."""
        self.stop()
        self.adder.hide()  # until it is known whether photos may be added
        self.rows.set_rows(())
        self.show_refusal(None)
        if self.is_looking:
            self.show_list()
        if about_id:
            self._presenter = self._looking = PhotosPresenter(self._context, self, about_id, about=about)
            self._presenter.start()

    def stop(self) -> None:
        """Ask no more."""
        self.adder.choice.close()
        if self._presenter is not None:
            self._presenter.close()
        self._presenter = self._looking = None

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = tuple(url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile())
        event.acceptProposedAction()
        self._add_files(paths)

    # ---- the presenter's view

    def show_state(self, state: PhotosState) -> None:
        self.adder.setVisible(state.may_add)
        self.adder.show_adding(state.adding)
        self.rows.set_rows(state.rows)
        self.earlier.setVisible(state.earlier > 0)
        self.earlier.setAccessibleName(f"Show earlier photos, {state.earlier} not shown")
        self._card.setVisible(bool(state.rows))
        self._nothing.setVisible(not state.rows)
        self._arrange_photo()

    def show_caption(self, text: str) -> None:
        self.adder.caption.set_text(text)

    def show_thumb(self, sha256: str, image: QImage) -> None:
        super().show_thumb(sha256, image)
        for line in self.rows.widgets():
            if line.sha256 == sha256:
                line.tile.set_thumb(image)

    def show_refusal(self, sentence: str | None) -> None:
        self._refused = sentence or ""
        self._refusal.setVisible(sentence is not None)
        self._refusal.show_message("warning", self._refused)

    # ---- parts

    def _make(self, row: PhotoRow) -> QWidget:
        line = PhotoLineWidget(row)
        line.opened.connect(self._open)
        if row.sha256 in self._thumbs:
            line.tile.set_thumb(self._thumbs[row.sha256])
        return line

    @Slot(str)
    def _type_caption(self, text: str) -> None:
        if self._presenter is not None:
            self._presenter.type_caption(text)

    @Slot(tuple)
    def _add_files(self, paths: tuple[str, ...]) -> None:
        if self._presenter is not None:
            self._presenter.add_files(paths)

    @Slot()
    def _show_earlier(self) -> None:
        if self._presenter is not None:
            self._presenter.show_earlier()


class PhotosTab(PhotoPane):
    """The Photos page of an order."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__(context, EmptyState("image", "No photos yet", "Add one from a file, or drop it here."))
        self._order_id = order_id
        self._content = ScrolledColumn()
        for part in (self.adder, self._refusal):
            self._content.column.addWidget(part)
        self._content.column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        for shown in (self._card, self._nothing):
            self._content.column.addWidget(shown)
        self._content.column.addStretch(1)
        self.stack = QStackedWidget()
        self.stack.addWidget(scroll_area(self._content, name="Photos"))
        self.stack.addWidget(self.viewer)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.arrange("regular")

    def start(self) -> None:
        self.show_thing("work_order", self._order_id)

    def arrange(self, size_class: str) -> None:
        self._content.set_margins(size_class)

    def _arrange_photo(self) -> None:
        self.stack.setCurrentIndex(int(self.is_looking))
