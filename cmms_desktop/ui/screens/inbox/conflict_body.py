"""The conflicts of one order or asset between header and footer: three columns, field by field, and the reason."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.inbox.field_block import FieldBlockView
from cmms_desktop.ui.screens.inbox.states import ConflictDetail, FieldBlock, Head
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.text import ElidedText


class ConflictBody(QWidget):
    """Scrolls; its blocks stay while their choices change."""

    chosen = Signal(str, str)
    typed = Signal(str, str)
    reasoned = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._heads: tuple[Head, Head, Head] | None = None
        self._shown_id = ""
        self._is_compact = False
        self._columns = _Columns()
        self.problem = Banner("danger", "")
        self.problem.hide()
        self._blocks: KeyedColumn[FieldBlock] = KeyedColumn(self._make, self._update, gap=4)
        self.reason = LabelledField("Reason")
        self.reason.edited.connect(self.reasoned)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(*(theme().space(n) for n in (5, 4, 5, 4)))
        column.setSpacing(theme().space(4))
        for part in (self.problem, self._columns, self._blocks, self.reason):
            column.addWidget(part)
        column.addStretch(1)
        self._area = scroll_area(inside, name="Conflict")
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._area)

    def show_detail(self, detail: ConflictDetail) -> None:
        """Show a group of conflicts; another group begins at its top."""
        self._heads = detail.heads
        self._columns.show_heads(detail.heads)
        self._blocks.set_rows(detail.blocks)
        self.reason.setVisible(not detail.is_settled)
        self.reason.set_text(detail.reason)
        self.reason.set_hint(detail.reason_hint)
        self.problem.setVisible(detail.problem is not None)
        if detail.problem is not None:
            self.problem.show_message("danger", detail.problem)
            self._area.ensureWidgetVisible(self.problem)
        if detail.id != self._shown_id:
            self._shown_id = detail.id
            self._area.verticalScrollBar().setValue(0)

    def set_compact(self, is_compact: bool) -> None:
        """Stack the cards of every field."""
        self._is_compact = is_compact
        self._columns.setVisible(not is_compact)
        for block in self._blocks.widgets():
            block.set_compact(is_compact)

    def _make(self, block: FieldBlock) -> QWidget:
        assert self._heads is not None
        view = FieldBlockView(block, self._heads, is_compact=self._is_compact)
        view.chosen.connect(self.chosen)
        view.typed.connect(self.typed)
        return view

    def _update(self, view: FieldBlockView, block: FieldBlock) -> None:
        assert self._heads is not None
        view.show_block(block, self._heads)


class _Columns(QWidget):
    """Headings of the three columns, over a line."""

    def __init__(self) -> None:
        super().__init__()
        self._heads = [_HeadLabel() for _ in range(3)]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme().space(3))
        grid.setVerticalSpacing(theme().space(2))
        for number, head in enumerate(self._heads):
            grid.addWidget(head, 0, number)
            grid.setColumnStretch(number, 1)
        grid.addWidget(Divider(), 1, 0, 1, 3)

    def show_heads(self, heads: tuple[Head, Head, Head]) -> None:
        for label, head in zip(self._heads, heads, strict=True):
            label.show_head(head)


class _HeadLabel(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("history", size="strip")
        self._title = ElidedText("", role="item", weight="semibold")
        self._detail = ElidedText("", role="caption", tone="muted")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def show_head(self, head: Head) -> None:
        self._icon.set_icon(head.icon)
        self._title.setText(head.title)
        self._detail.setText(head.detail)
