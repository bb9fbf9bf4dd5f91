"""One thing that needs attention: what happened, what is kept, and what can be done about it, all in place."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sync.attention_parts import ExportPart, FixPart
from cmms_desktop.ui.screens.sync.states import Attention
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.confirm import ConfirmInPlace
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.text import Text

_ICONS = {
    "refused": ("refused", "danger"),
    "conflict": ("conflict", "state-conflict"),
    "held": ("held", "state-pending"),
    "draft": ("note", "warning"),
}


class AttentionCard(Card):
    """Tells `wanted` (what, id): fix, export, withdraw, leave, send, write, compare, copy, discard."""

    wanted = Signal(str, str)
    typed = Signal(str, str, str)
    """Id, field and text of a corrected value."""
    path_typed = Signal(str, str)

    def __init__(self, item: Attention) -> None:
        super().__init__()
        self._item = item
        self._title = Text("", role="item", weight="semibold", wrap=True)
        self._badge = BadgeLabel(item.badge)
        self._text = Text("", role="card-body", wrap=True)
        self._kept = Text("", role="card-body", weight="semibold", wrap=True, selectable=True)
        self._problem = Banner("warning", "")
        self._message = Text("", role="small", tone="success", weight="semibold", wrap=True)
        self._actions = QWidget()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._confirm: ConfirmInPlace | None = None
        self._part: FixPart | ExportPart | None = None
        self._build()
        self.show_item(item)

    def _build(self) -> None:
        icon, color = _ICONS[self._item.kind]
        head = QHBoxLayout()
        head.setSpacing(theme().space(2))
        head.addWidget(self._title, 1)
        head.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(theme().space(1))
        words.addLayout(head)
        for part in (self._text, self._kept, self._message, self._problem):
            words.addWidget(part)
        told = QHBoxLayout()
        told.setSpacing(theme().space(3))
        told.addWidget(IconLabel(icon, color=color, size="strip"), 0, Qt.AlignmentFlag.AlignTop)
        told.addLayout(words, 1)
        self._row.setSpacing(theme().space(3))
        self._row.addLayout(told, 1)
        self._row.addWidget(self._actions, 0, Qt.AlignmentFlag.AlignRight)
        self.body.addLayout(self._row)
        acts = {"refused": "withdraw", "draft": "discard"}
        if self._item.kind in acts:
            self._confirm = ConfirmInPlace(QWidget(), self._item.withdraw_question, "Keep it", "")
            self._confirm.confirmed.connect(partial(self._want, acts[self._item.kind]))
            self._confirm.currentChanged.connect(self._follow_question)
            self._confirm.hide()
            self.body.addWidget(self._confirm)
        self._add_actions()

    def _add_actions(self) -> None:
        row = QHBoxLayout(self._actions)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        if self._confirm is None:
            row.addWidget(self._button("Compare" if self._item.kind == "conflict" else "Read", None, "compare"))
            return
        is_draft = self._item.kind == "draft"
        row.addWidget(
            self._asking_button("Discard", "trash-2") if is_draft else self._asking_button("Withdraw", "undo-2")
        )
        if is_draft:
            row.addWidget(self._button("Copy", "copy", "copy"))
            return
        row.addWidget(self._button("Export", "download", "export"))
        row.addWidget(self._button("Fix" if self._item.fields else "Send again", "wrench", "fix"))

    def set_compact(self, is_compact: bool) -> None:
        """Put the buttons below the words where there is little room."""
        below, beside = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(below if is_compact else beside)

    def _button(self, text: str, icon: str | None, what: str) -> ActionButton:
        button = ActionButton(text, icon=icon)
        button.setAccessibleName(f"{text}: {self._item.title}")
        button.clicked.connect(partial(self._want, what))
        return button

    def _asking_button(self, text: str, icon: str) -> ActionButton:
        button = ActionButton(text, icon=icon)
        button.setAccessibleName(f"{text}: {self._item.title}")
        button.clicked.connect(self._ask)
        return button

    def show_item(self, item: Attention) -> None:
        """Show another state of the same thing."""
        self._item = item
        self._title.setText(item.title)
        self._badge.set_spec(item.badge)
        self._text.setText(item.text)
        self._kept.setText("\n".join(item.kept))
        self._kept.setVisible(bool(item.kept))
        self._message.setText(item.message)
        self._message.setVisible(bool(item.message))
        self._problem.setVisible(item.problem is not None)
        if item.problem is not None:
            self._problem.show_message("warning", item.problem)
        if self._confirm is not None:
            self._confirm.set_question(item.withdraw_question, item.withdraw_act)
        self._show_part(item)

    def _show_part(self, item: Attention) -> None:
        kind = {"fix": FixPart, "export": ExportPart}.get(item.open_part)
        if self._part is not None and type(self._part) is not kind:
            self.body.removeWidget(self._part)
            self._part.hide()
            self._part.deleteLater()
            self._part = None
        is_asking = self._confirm is not None and self._confirm.is_asking
        self._actions.setVisible(kind is None and not is_asking)
        if kind is not None and self._part is None:
            self._part = self._open_part(item)
        if self._part is not None:
            self._part.show_item(item)

    def _open_part(self, item: Attention) -> FixPart | ExportPart:
        part = FixPart(item) if item.open_part == "fix" else ExportPart(item)
        part.wanted.connect(self._want)
        part.typed.connect(self._type)
        self.body.addWidget(part)
        part.show()
        part.take_focus()
        return part

    @Slot()
    def _ask(self) -> None:
        if self._confirm is not None:
            self._confirm.show()
            self._confirm.ask()

    @Slot(int)
    def _follow_question(self, page: int) -> None:
        """The buttons give way to the question, and come back without an answer."""
        if self._confirm is not None:
            self._confirm.setVisible(page == 1)
            self._actions.setVisible(page == 0 and not self._item.open_part)

    @Slot(str)
    def _want(self, what: str, _checked: bool = False) -> None:
        self.wanted.emit(what, self._item.id)

    @Slot(str, str)
    def _type(self, name: str, text: str) -> None:
        if name:
            self.typed.emit(self._item.id, name, text)
        else:
            self.path_typed.emit(self._item.id, text)
