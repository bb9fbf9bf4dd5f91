"""Comments on an order or an asset: remarks with their answers and photos, and the field to write one."""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.application.commands.remarks import Remarked
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_comments.comment_card import CommentCard, CommentEditor
from cmms_desktop.ui.screens.order_comments.presenter import CommentRow, CommentsPresenter, CommentsState
from cmms_desktop.ui.screens.order_photos.looking_pane import LookingPane
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.photo_choice import PhotoChoice
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area


class CommentsPane(LookingPane):
    """Remarks on one thing and the field to write one. Its parts are made here; where they stand, page or card says."""

    def __init__(self, context: ScreenContext, *, kind: str) -> None:
        """`kind`: the frame around the field."""
        super().__init__(back="All comments")
        self._context = context
        self._presenter: CommentsPresenter | None = None
        self._may_write = True
        self._rows: KeyedColumn[CommentRow] = KeyedColumn(self._make_row, CommentCard.show_row)
        self.earlier = ActionButton("Show earlier comments", icon="history", role="quiet")
        self.earlier.hide()
        self.editor = CommentEditor(kind=kind)
        self.choice = PhotoChoice(self, several=True)
        self.choice.chosen.connect(self._add_photos)
        self.earlier.clicked.connect(self._show_earlier)
        self.editor.typed.connect(self._type)
        self.editor.saved.connect(self._save)
        self.editor.answering_stopped.connect(self._stop_answering)

    @property
    def cards(self) -> tuple[CommentCard, ...]:
        """The remarks that are shown, in their order."""
        return self._rows.widgets()

    def show_thing(self, about: Remarked, about_id: str) -> None:
        """Show the remarks on a thing from now on; "": on none."""
        self.stop()
        self._rows.set_rows(())
        self.show_refusal(None)
        if self.is_looking:
            self.show_list()
        if about_id:
            self._presenter = self._looking = CommentsPresenter(self._context, self, about_id, about=about)
            self._presenter.start()

    def stop(self) -> None:
        """Ask no more."""
        self.choice.close()
        if self._presenter is not None:
            self._presenter.close()
        self._presenter = self._looking = None

    def show_state(self, state: CommentsState) -> None:
        self._may_write = state.may_write
        self._rows.set_rows(state.rows)
        self.earlier.setVisible(state.earlier > 0)
        self.earlier.setAccessibleName(f"Show earlier comments, {state.earlier} not shown")
        self.editor.show_answering(state.answering)
        self.editor.show_adding(state.adding)
        for card in self.cards:
            card.set_answerable(state.may_write)
        self._arrange_photo()

    def show_draft(self, text: str) -> None:
        self.editor.field.set_text(text)

    def show_thumb(self, sha256: str, image: QImage) -> None:
        super().show_thumb(sha256, image)
        for card in self.cards:
            card.photos.put_thumb(sha256, image)

    def show_refusal(self, sentence: str | None) -> None:
        self.editor.field.set_error(sentence)

    def _make_row(self, row: CommentRow) -> QWidget:
        card = CommentCard(row)
        card.answered.connect(self._answer)
        card.photo_wanted.connect(self._choose_photos)
        card.photos.opened.connect(self._open)
        card.set_answerable(self._may_write)
        for sha256 in card.photos.digests:
            if sha256 in self._thumbs:
                card.photos.put_thumb(sha256, self._thumbs[sha256])
        return card

    @Slot(str)
    def _answer(self, comment_id: str) -> None:
        if self._presenter is not None:
            self._presenter.answer(comment_id)
            self.editor.field.area.setFocus()

    @Slot(str)
    def _choose_photos(self, comment_id: str) -> None:
        self.choice.open(comment_id, "Add photo")

    @Slot(str, tuple)
    def _add_photos(self, comment_id: str, paths: tuple[Path, ...]) -> None:
        if self._presenter is not None:
            self._presenter.add_photos(comment_id, tuple(str(path) for path in paths))

    @Slot()
    def _show_earlier(self) -> None:
        if self._presenter is not None:
            self._presenter.show_earlier()

    @Slot(str)
    def _type(self, text: str) -> None:
        if self._presenter is not None:
            self._presenter.type(text)

    @Slot(str)
    def _save(self, text: str) -> None:
        if self._presenter is not None:
            self._presenter.save(text)

    @Slot()
    def _stop_answering(self) -> None:
        if self._presenter is not None:
            self._presenter.stop_answering()


class CommentsTab(CommentsPane):
    """The Comments page of an order: the field is always in reach at the bottom."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__(context, kind="footer")
        self._order_id = order_id
        empty = EmptyState("message-square", "No comments yet", "What you write here, everybody on the order reads.")
        content = ScrolledColumn()
        content.set_margins("compact")
        content.column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        content.column.addWidget(self._rows)
        content.column.addStretch(1)
        self._stack = QStackedWidget()
        for page in (scroll_area(content, name="Comments"), empty, self.viewer):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self.editor)

    def start(self) -> None:
        self.show_thing("work_order", self._order_id)

    def _arrange_photo(self) -> None:
        self._stack.setCurrentIndex(2 if self.is_looking else 0 if self.cards else 1)
        self.editor.setVisible(self._may_write and not self.is_looking)
