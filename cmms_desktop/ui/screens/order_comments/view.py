"""The Comments page: remarks with their answers, and the field to write one, always in reach at the bottom."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_comments.presenter import CommentRow, CommentsPresenter, CommentsState
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import late_badge
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.fields import LabelledText
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text

WAITING = BadgeSpec("state-pending", "waiting", "Waiting")


class CommentsTab(QWidget):
    """Remarks on one order."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self._rows: KeyedColumn[CommentRow] = KeyedColumn(self._make_row, CommentCard.show_row)
        self._may_write = True
        self.earlier = ActionButton("Show earlier comments", icon="history", role="quiet")
        self.earlier.hide()
        self._empty = EmptyState(
            "message-square", "No comments yet", "What you write here, everybody on the order reads."
        )
        self._content = ScrolledColumn()
        self._content.set_margins("compact")
        self._content.column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        self._content.column.addWidget(self._rows)
        self._content.column.addStretch(1)
        self._scroll = scroll_area(self._content, name="Comments")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._scroll)
        self._stack.addWidget(self._empty)
        self.editor = CommentEditor()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self.editor)
        self._presenter = CommentsPresenter(context, self, order_id)
        self.earlier.clicked.connect(self._presenter.show_earlier)
        self.editor.typed.connect(self._presenter.type)
        self.editor.saved.connect(self._presenter.save)
        self.editor.answering_stopped.connect(self._presenter.stop_answering)

    @property
    def cards(self) -> tuple["CommentCard", ...]:
        """The remarks that are shown, in their order."""
        return self._rows.widgets()

    def start(self) -> None:
        self._presenter.start()

    def stop(self) -> None:
        self._presenter.close()

    def show_state(self, state: CommentsState) -> None:
        self._may_write = state.may_write
        self._rows.set_rows(state.rows)
        self.earlier.setVisible(state.earlier > 0)
        self.earlier.setAccessibleName(f"Show earlier comments, {state.earlier} not shown")
        self._stack.setCurrentIndex(0 if state.rows else 1)
        self.editor.setVisible(state.may_write)
        self.editor.show_answering(state.answering)
        for card in self._rows.widgets():
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
        self._presenter.answer(comment_id)
        self.editor.field.area.setFocus()


class CommentCard(QWidget):
    """One remark: who, when, what; answers stand further in."""

    answered = Signal(str)

    def __init__(self, row: CommentRow) -> None:
        super().__init__()
        self._id = row.id
        self._author = Text(role="label")
        self._when = Text(role="small", tone="muted", tabular=True)
        self._badges = BadgeRow()
        self.answer_button = ActionButton("Answer", icon="corner-down-right", role="quiet")
        self.answer_button.clicked.connect(self._tell_answer)
        self._text = Text(wrap=True, selectable=True)
        head = QHBoxLayout()
        head.setSpacing(theme().space(2))
        for part in (self._author, self._when, self._badges):
            head.addWidget(part)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(theme().space(1))
        words.addLayout(head)
        words.addWidget(self._text)
        line = QHBoxLayout()
        line.setSpacing(theme().space(3))
        line.addLayout(words, 1)
        line.addWidget(self.answer_button, 0, Qt.AlignmentFlag.AlignVCenter)
        card = Card()
        card.body.addLayout(line)
        self._indent = QWidget()
        self._indent.setFixedWidth(theme().space(8))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._indent)
        outer.addWidget(card, 1)
        self.show_row(row)

    def show_row(self, row: CommentRow) -> None:
        self._author.setText(row.author)
        self._when.setText(row.when)
        self._text.setText(row.text)
        badges = (*((WAITING,) if row.is_waiting else ()), *((late_badge(),) if row.is_late else ()))
        self._badges.set_specs(badges)
        self.answer_button.setAccessibleName(f"Answer {row.author}")
        self.setAccessibleName(f"{row.author}, {row.when}: {row.text}")
        self._indent.setVisible(row.is_answer)

    def set_answerable(self, is_answerable: bool) -> None:
        self.answer_button.setVisible(is_answerable)

    @Slot()
    def _tell_answer(self) -> None:
        self.answered.emit(self._id)


class CommentEditor(QFrame):
    """The field at the bottom, and whose remark is being answered. `kind`: the frame around it."""

    typed = Signal(str)
    saved = Signal(str)
    answering_stopped = Signal()

    def __init__(self, *, kind: str = "footer") -> None:
        super().__init__()
        set_style(self, kind=kind)
        self.field = LabelledText("Comment", placeholder="What should others know?")
        self.field.edited.connect(self.typed)
        self.save_button = ActionButton("Add comment", icon="send", large=True)
        self.save_button.clicked.connect(self._tell_saved)
        self.stop_button = ActionButton("New comment instead", role="quiet")
        self.stop_button.clicked.connect(self.answering_stopped)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(4), theme().space(3), theme().space(4), theme().space(3))
        row.setSpacing(theme().space(3))
        row.addWidget(self.field, 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(theme().space(2))
        buttons.addStretch(1)
        buttons.addWidget(self.stop_button)
        buttons.addWidget(self.save_button)
        row.addLayout(buttons)

    def show_answering(self, author: str | None) -> None:
        self.field.set_label("Comment" if author is None else f"Answer to {author}")
        self.save_button.set_text("Add comment" if author is None else "Add answer")
        self.stop_button.setVisible(author is not None)

    @Slot()
    def _tell_saved(self) -> None:
        self.saved.emit(self.field.text())
