"""Parts of pages with comments: a card for each remark, and the field to write one."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order_comments.presenter import CommentRow
from cmms_desktop.ui.screens.order_photos.photo_rows import PhotoTiles
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import late_badge
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.fields import LabelledText
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text

WAITING = BadgeSpec("state-pending", "waiting", "Waiting")


class CommentCard(QWidget):
    """One remark: who, when, what, and its photos; answers stand further in."""

    answered = Signal(str)
    photo_wanted = Signal(str)

    def __init__(self, row: CommentRow) -> None:
        super().__init__()
        self._id = row.id
        self._author = Text(role="label")
        self._when = Text(role="small", tone="muted", tabular=True)
        self._badges = BadgeRow()
        self.answer_button = ActionButton("Answer", icon="corner-down-right", role="quiet")
        self.answer_button.clicked.connect(self._tell_answer)
        self.photo_button = ActionButton("Photo", icon="camera", role="quiet")
        self.photo_button.clicked.connect(self._tell_photo)
        self._text = Text(wrap=True, selectable=True)
        self.photos = PhotoTiles()
        head = QHBoxLayout()
        head.setSpacing(theme().space(2))
        for part in (self._author, self._when, self._badges):
            head.addWidget(part)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(theme().space(1))
        words.addLayout(head)
        words.addWidget(self._text)
        words.addWidget(self.photos)
        words.addStretch(1)  # words stay below their author beside two buttons
        line = QHBoxLayout()
        line.setSpacing(theme().space(3))
        line.addLayout(words, 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(theme().space(1))
        for button in (self.answer_button, self.photo_button):
            buttons.addWidget(button)
        line.addLayout(buttons)
        line.setAlignment(buttons, Qt.AlignmentFlag.AlignTop)  # in sight with the first words of a long comment
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
        self.photo_button.setVisible(row.may_add)
        self.photo_button.setAccessibleName(f"Add photo to your comment of {row.when}")
        self.photos.show_rows(row.photos)

    def set_answerable(self, is_answerable: bool) -> None:
        self.answer_button.setVisible(is_answerable)

    @Slot()
    def _tell_answer(self) -> None:
        self.answered.emit(self._id)

    @Slot()
    def _tell_photo(self) -> None:
        self.photo_wanted.emit(self._id)


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
        self._adding = Text(role="small", tone="muted")
        self._adding.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(4), theme().space(3), theme().space(4), theme().space(3))
        row.setSpacing(theme().space(3))
        words = QVBoxLayout()
        words.addWidget(self.field)
        words.addWidget(self._adding)
        row.addLayout(words, 1)
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

    def show_adding(self, words: str) -> None:
        self._adding.setText(words)
        self._adding.setVisible(bool(words))

    @Slot()
    def _tell_saved(self) -> None:
        self.saved.emit(self.field.text())
