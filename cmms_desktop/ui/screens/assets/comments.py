"""Comments on the chosen asset: what was said, and a field to say more, at the end of its card."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_comments.presenter import CommentRow, CommentsPresenter, CommentsState
from cmms_desktop.ui.screens.order_comments.view import CommentCard, CommentEditor
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import SectionTitle
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class AssetComments(QWidget):
    """A title over the remarks and the field; hidden while no asset's card is here."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self._context = context
        self._presenter: CommentsPresenter | None = None
        self._asset_id, self._may_write = "", True
        self._rows: KeyedColumn[CommentRow] = KeyedColumn(self._make_row, CommentCard.show_row)
        self._none = Text("No comments yet.", role="card-body", tone="muted")
        self.earlier = ActionButton("Show earlier comments", icon="history", role="quiet")
        self.editor = CommentEditor(kind="card")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(2))
        column.addWidget(SectionTitle("Comments"))
        column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._rows, self._none, self.editor):
            column.addWidget(part)
        self.earlier.clicked.connect(self._show_earlier)
        self.editor.typed.connect(self._type)
        self.editor.saved.connect(self._save)
        self.editor.answering_stopped.connect(self._stop_answering)
        self.hide()

    @property
    def cards(self) -> tuple[CommentCard, ...]:
        """The remarks that are shown, in their order."""
        return tuple(card for card in self._rows.widgets() if isinstance(card, CommentCard))

    def show_asset(self, asset_id: str) -> None:
        """Show the remarks on an asset; "": none whose card is here."""
        if asset_id == self._asset_id:
            return
        self.stop()
        self._asset_id = asset_id
        self._rows.set_rows(())
        self.show_refusal(None)
        if asset_id:
            self._presenter = CommentsPresenter(self._context, self, asset_id, about="asset")
            self._presenter.start()
        self.setVisible(bool(asset_id))

    def stop(self) -> None:
        """Ask no more."""
        if self._presenter is not None:
            self._presenter.close()
        self._presenter, self._asset_id = None, ""

    def show_state(self, state: CommentsState) -> None:
        self._may_write = state.may_write
        self._rows.set_rows(state.rows)
        self._none.setVisible(not state.rows)
        self.earlier.setVisible(state.earlier > 0)
        self.earlier.setAccessibleName(f"Show earlier comments, {state.earlier} not shown")
        self.editor.setVisible(state.may_write)
        self.editor.show_answering(state.answering)
        for card in self.cards:
            card.set_answerable(state.may_write)

    def show_draft(self, text: str) -> None:
        self.editor.field.set_text(text)

    def show_refusal(self, sentence: str | None) -> None:
        self.editor.field.set_error(sentence)

    def _make_row(self, row: CommentRow) -> QWidget:
        card = CommentCard(row)
        card.answered.connect(self._answer)
        card.set_answerable(self._may_write)
        return card

    @Slot(str)
    def _answer(self, comment_id: str) -> None:
        if self._presenter is not None:
            self._presenter.answer(comment_id)
            self.editor.field.area.setFocus()

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
