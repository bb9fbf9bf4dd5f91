"""One item as a card: number and words, the answer at its end, and below whatever this answer needs.

Built once and updated in place. It tells the desk what a person does and decides nothing.
"""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.checklist.controls import Control, control_for
from cmms_desktop.ui.screens.checklist.desk import RowDesk
from cmms_desktop.ui.screens.checklist.photo_strip import PhotoStrip
from cmms_desktop.ui.screens.checklist.row_parts import FollowUpLine, NoteLine, TroubleLine
from cmms_desktop.ui.screens.checklist.row_words import RowWords, indent_px
from cmms_desktop.ui.screens.checklist.states import ItemState
from cmms_desktop.ui.text.badges import conflicts_badge
from cmms_desktop.ui.text.words import RESULT, word
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.styling import set_style

NARROW_PX = 480
"""Width of a row, at the normal font size, below which the answer goes under the words."""


class ItemRow(QFrame):
    """A card for one item. It has the focus itself while the keys 1 2 3 N C answer it; Enter goes into its field."""

    def __init__(self, desk: RowDesk, state: ItemState) -> None:
        super().__init__()
        self.item_id = state.id
        self._desk, self._state = desk, state
        self._is_open = False
        self._is_compact = False
        self._note: NoteLine | None = None
        self._trouble: TroubleLine | None = None
        self._follow: FollowUpLine | None = None
        self._photos: PhotoStrip | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_style(self, kind="card")
        self.words = RowWords()
        self.words.pressed.connect(self.toggle)
        self.control: Control = control_for(desk, state)
        self._build()
        self.show_state(state)

    # ---- showing

    @property
    def state(self) -> ItemState:
        """What is shown."""
        return self._state

    @property
    def note(self) -> NoteLine:
        """The note, made when it is first needed."""
        if self._note is None:
            self._note = NoteLine(self._state.prompt)
            self._note.edited.connect(self._type_note)
            self._note.finished.connect(self._finish_note)
            self._note.wanted.connect(self.open_note)
            self._note.not_applicable.connect(self._not_applicable)
            self._left.insertWidget(0, self._note)
        return self._note

    @property
    def photos(self) -> PhotoStrip:
        """The photos, made when they are first needed."""
        if self._photos is None:
            self._photos = PhotoStrip(self._desk, self._state.prompt)
            self._photos.wanted.connect(self._choose_photo)
            self._detail.addWidget(self._photos, 0, Qt.AlignmentFlag.AlignTop)
        return self._photos

    @property
    def trouble(self) -> TroubleLine:
        """What is wrong and wanted, made when it is first needed."""
        if self._trouble is None:
            self._trouble = TroubleLine(self._state.prompt)
            self._trouble.note_pressed.connect(self.open_note)
            self._trouble.photo_pressed.connect(self._choose_photo)
            self._trouble.not_applicable.connect(self._not_applicable)
            self._column.addWidget(self._trouble)
        return self._trouble

    @property
    def follow(self) -> FollowUpLine:
        """The order that follows, made when it is first needed."""
        if self._follow is None:
            self._follow = FollowUpLine(self._state.prompt)
            self._follow.opened.connect(self._open_follow_up)
            self._follow.made.connect(self._make_follow_up)
            self._place_follow()
        return self._follow

    def show_state(self, state: ItemState) -> None:
        """Show another state of the same item."""
        self._state = state
        set_style(self, kind="card-danger" if state.is_exception else "card")
        self.words.show_state(state, is_compact=self._is_compact)
        self.control.show_state(state)
        self._show_note()
        self._show_photos()
        self._show_trouble()
        if self._follow is not None or state.follow_up is not None or state.offers_follow_up:
            self.follow.show_follow_up(state.follow_up, is_offered=state.offers_follow_up)
        self._conflict.setVisible(state.conflicts > 0)
        self._conflict.set_spec(conflicts_badge(state.conflicts))
        self._compare.setVisible(state.conflicts > 0)
        self.setAccessibleName(self._said())

    def set_compact(self, is_compact: bool) -> None:
        """Say limits and last reading in one line."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self.words.show_state(self._state, is_compact=is_compact)
            self._place_follow()

    # ---- intents

    @Slot()
    def toggle(self) -> None:
        """Offer note and photo for an item that does not ask for them, or stop offering."""
        self._is_open = not self._is_open and not self._state.is_locked
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._show_trouble()

    @Slot()
    def open_note(self) -> None:
        """Put the cursor into the note."""
        if not self._state.is_locked:
            self.note.show_state(self._state)
            self.note.show()
            self.note.open(self._state.note)
            self._show_trouble()

    def press_key(self, key: str) -> bool:
        """Do what a key means for this item: 1 2 3, N for the note, C for a photo."""
        if self._state.is_locked:
            return False
        if key == "N":
            self.open_note()
            return True
        if key == "C":
            self._choose_photo()
            return True
        return self.control.press_key(key)

    def take_scan(self, code: str) -> bool:
        """Use a scanned code. False: this item takes none."""
        take = getattr(self.control, "take_scan", None)
        if take is None or self._state.is_locked:
            return False
        take(code)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.hasFocus():
            self.control.take_focus()
            return
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if not steps or not self._desk.step(steps):
            super().keyPressEvent(event)

    @Slot(str)
    def _type_note(self, text: str) -> None:
        self._desk.type_note(self.item_id, text)

    @Slot(str)
    def _finish_note(self, text: str) -> None:
        if self._state.is_unsaved or text.strip() != self._state.note:
            self._desk.enter_note(self.item_id, text)

    @Slot()
    def _not_applicable(self) -> None:
        self._desk.answer(self.item_id, "na")

    @Slot()
    def _choose_photo(self) -> None:
        self._desk.choose_photo(self.item_id)

    @Slot()
    def _open_follow_up(self) -> None:
        self._desk.open_follow_up(self.item_id)

    @Slot()
    def _make_follow_up(self) -> None:
        self._desk.follow_up(self.item_id)

    @Slot()
    def _compare_values(self) -> None:
        self._desk.compare()

    # ---- building

    def _build(self) -> None:
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(theme().space(3))
        self._head.addWidget(self.words, 1)
        self._head.addLayout(self._conflict_line())
        if not self.control.stands_below:
            self._head.addWidget(self.control, 0, Qt.AlignmentFlag.AlignVCenter)
        self._detail = QHBoxLayout()
        self._detail.setSpacing(theme().space(3))
        self._left = QVBoxLayout()
        self._left.setSpacing(0)
        self._detail.addLayout(self._left, 1)
        self._column = QVBoxLayout()
        self._column.setSpacing(theme().space(2))
        if self.control.stands_below:
            self._column.addWidget(self.control)
        self._column.addLayout(self._detail)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme().space(4), theme().space(2), theme().space(2), theme().space(2))
        outer.setSpacing(theme().space(2))
        outer.addLayout(self._head)
        outer.addLayout(self._column)
        self._indent_column()
        theme().changed.connect(self._indent_column)

    def _conflict_line(self) -> QHBoxLayout:
        self._conflict = BadgeLabel(conflicts_badge(1))
        self._compare = ActionButton("Compare", role="quiet")
        self._compare.clicked.connect(self._compare_values)
        line = QHBoxLayout()
        line.setSpacing(theme().space(2))
        line.addWidget(self._conflict)
        line.addWidget(self._compare)
        return line

    @Slot()
    def _indent_column(self) -> None:
        self._column.setContentsMargins(indent_px(), 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() / max(1.0, theme().factor)
        way = QBoxLayout.Direction.TopToBottom if room < NARROW_PX else QBoxLayout.Direction.LeftToRight
        if self._head.direction() != way:
            self._head.setDirection(way)
            indent = indent_px() if way == QBoxLayout.Direction.TopToBottom else 0
            self.control.line.setContentsMargins(indent, 0, 0, 0)
        self.control.set_room(room)

    # ---- parts

    def _place_follow(self) -> None:
        """Under everything, or beside the photos where height is short and letters leave the width."""
        is_beside = self._is_compact and theme().factor <= 1
        if self._follow is not None:
            (self._left if is_beside else self._column).addWidget(self._follow)

    def _show_note(self) -> None:
        state = self._state
        is_wanted = bool(state.note) or state.waits or (bool(state.saved) and state.is_exception)
        if self._note is None and not is_wanted:
            return
        self.note.setVisible(is_wanted or self.note.is_editing)
        self.note.show_state(state)

    def _show_photos(self) -> None:
        state = self._state
        is_wanted = state.kind != "photo" and (bool(state.photos) or state.answer in {"flag", "fail"})
        if self._photos is None and not is_wanted:
            return
        self.photos.setVisible(is_wanted)
        self.photos.show_photos(state.photos, may_add=not state.is_locked)

    def _show_trouble(self) -> None:
        state, trouble = self._state, self._state.trouble
        if self._trouble is None and trouble is None and not self._is_open:
            return
        is_editing = self._note is not None and self._note.is_editing
        has_strip = self._photos is not None and not self._photos.isHidden()
        wants_note, wants_photo = (False, False) if trouble is None else (trouble.wants_note, trouble.wants_photo)
        self.trouble.show_trouble(
            trouble,
            note=not is_editing and (wants_note or self._is_open),
            photo=not has_strip and (wants_photo or self._is_open),
            cannot=self._is_open and not is_editing and state.answer != "na",
        )

    def _said(self) -> str:
        """The row as one sentence for screen readers."""
        state = self._state
        answer = word(RESULT, state.answer) if state.answer else "not answered"
        trouble = "" if state.trouble is None else f"{state.trouble.bold} {state.trouble.plain}".strip()
        value = f"{state.value} {state.unit}".strip() if state.value else ""
        parts = (f"{state.number} {state.prompt}", value, answer, state.because, trouble)
        return ", ".join(part for part in parts if part)


def row_of(widget: QWidget | None) -> ItemRow | None:
    """The row that a widget stands in; None: in none."""
    while widget is not None and not isinstance(widget, ItemRow):
        widget = widget.parentWidget()
    return widget
