"""One side of a field in conflict: its value, and the button that keeps it."""

from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.inbox.marked_text import MarkedText
from cmms_desktop.ui.screens.inbox.states import Head, ValueFace
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.segmented import ChoiceButton
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText


class ValueCard(QFrame):
    """A card with a value. `before` is the side that both started from: it can be read, never kept."""

    kept = Signal()

    def __init__(self, side: Literal["before", "mine", "theirs"]) -> None:
        super().__init__()
        self._is_before = side == "before"
        self._text = MarkedText("removed" if self._is_before else "added")
        self._badge: BadgeLabel | None = None
        self._kept: BadgeLabel | None = None
        self._caption: _Caption | None = None
        self.keep = ChoiceButton(side, "", role="chip")
        self.keep.clicked.connect(self.kept)
        self.keep.hide()
        self._value = QVBoxLayout()
        self._value.addWidget(self._text)
        self._row = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._row.setSpacing(theme().space(3))
        self._row.addLayout(self._value, 1)
        self._row.addWidget(self.keep)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*(theme().space(n) for n in (4, 3, 4, 3)))
        self._column.setSpacing(theme().space(2))
        self._column.addLayout(self._row, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        set_style(self, kind="card-quiet" if self._is_before else "card")

    def show_value(self, face: ValueFace, *, head: Head | None, keep: str | None, kept: str, is_kept: bool) -> None:
        """Show a value; `head` names its side where no column does, `keep` None: it cannot be kept."""
        self._show_face(face)
        self._show_head(head)
        self._show_button(keep, kept, is_kept=is_kept)
        self._show_kept(kept if is_kept and keep is None else "")
        if not self._is_before:
            set_style(self, kind="card-selected" if is_kept else "card")

    def _show_head(self, head: Head | None) -> None:
        if head is not None and self._caption is None:
            self._caption = _Caption()
            self._column.insertWidget(0, self._caption)
        if self._caption is not None:
            self._caption.setVisible(head is not None)
            if head is not None:
                self._caption.show_head(head)

    def _show_button(self, keep: str | None, kept: str, *, is_kept: bool) -> None:
        words = kept if is_kept else keep or ""
        self.keep.setVisible(keep is not None)
        self.keep.setText(words)
        self.keep.setAccessibleName(words)
        self.keep.setChecked(is_kept)

    def _show_kept(self, words: str) -> None:
        """Say that this value was kept, where there is nothing to press any more."""
        if words and self._kept is None:
            self._kept = BadgeLabel(BadgeSpec("accent", "check", words))
            self._row.addWidget(self._kept, 0, Qt.AlignmentFlag.AlignLeft)
        if self._kept is not None:
            self._kept.setVisible(bool(words))

    def _show_face(self, face: ValueFace) -> None:
        self._text.setVisible(face.badge is None)
        self._text.show_text(face.text, face.marks, is_quiet=face.is_quiet)
        if face.badge is not None and self._badge is None:
            self._badge = BadgeLabel(face.badge)
            self._value.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if self._badge is not None:
            self._badge.setVisible(face.badge is not None)
            if face.badge is not None:
                self._badge.set_spec(face.badge)
        beside = QBoxLayout.Direction.LeftToRight if face.badge else QBoxLayout.Direction.TopToBottom
        self._row.setDirection(beside)

    def add_action(self, button: QWidget) -> None:
        """Put another button where the keeping one would stand."""
        self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().target("answer_width"), super().minimumSizeHint().height())


class _Caption(QWidget):
    """Whose value it is, inside a card that stands under no column."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("history", color="text-muted")
        self._words = ElidedText("", role="label", tone="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)

    def show_head(self, head: Head) -> None:
        self._icon.set_icon(head.icon)
        self._words.setText(head.title)
