"""One order under review: head, findings as cards, the rest folded up, signatures, and the timeline beside them."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.thumbs import Thumbs
from cmms_desktop.ui.screens.review.finding_card import FindingCard
from cmms_desktop.ui.screens.review.fold import FoldCard, LinesFold
from cmms_desktop.ui.screens.review.order_head import OrderHead
from cmms_desktop.ui.screens.review.state import Finding, Fold, ReviewOrder
from cmms_desktop.ui.screens.review.timeline_pane import TimelinePane
from cmms_desktop.ui.screens.sign.signature_row import SignatureRow
from cmms_desktop.ui.screens.sign.state import SignatureFace
from cmms_desktop.ui.text.numbers import counted
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.cards import Divider, SectionTitle
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area


class OrderPane(QWidget):
    """Shows a ReviewOrder. `link_pressed` with the id of an order, or "" for the inbox."""

    link_pressed = Signal(str)
    photo_pressed = Signal()

    def __init__(self, thumbs: Thumbs) -> None:
        super().__init__()
        self._thumbs = thumbs
        self._shown_id = ""
        self.head = OrderHead()
        self._message = Banner("info", "-")
        self._title = SectionTitle("Exceptions", tone="muted")
        self.findings: KeyedColumn[Finding] = KeyedColumn(self._make_finding, FindingCard.show_finding, gap=3)
        self.folds: KeyedColumn[Fold] = KeyedColumn(LinesFold, LinesFold.show_fold, gap=3)
        self._signatures: KeyedColumn[SignatureFace] = KeyedColumn(SignatureRow, SignatureRow.show_face, dividers=True)
        self.signatures = FoldCard("Signatures", self._signatures)
        self._signatures.setContentsMargins(theme().space(6), 0, theme().space(2), theme().space(1))
        self.timeline = TimelinePane()
        content = QWidget()
        self._content = QVBoxLayout(content)
        self._content.setSpacing(theme().space(3))
        for widget in (self._message, self._title, self.findings, self.folds, self.signatures):
            self._content.addWidget(widget)
        self._content.addStretch(1)
        self._scroll = scroll_area(content, name="The order")
        self._line = Divider(vertical=True)
        self._sides = QHBoxLayout()
        self._sides.setSpacing(0)
        for part, stretch in ((self._scroll, 1), (self._line, 0), (self.timeline, 0)):
            self._sides.addWidget(part, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(self._sides, 1)
        self.set_compact(False)

    def show_order(self, order: ReviewOrder) -> None:
        """Show an order; another one starts at the top, folded up."""
        if order.id != self._shown_id:
            self._shown_id = order.id
            self.set_open(False)
            self._scroll.verticalScrollBar().setValue(0)
        self.head.show_order(order)
        self._message.setVisible(order.message is not None)
        if order.message is not None:
            self._message.show_message(*order.message)
        count = len(order.findings)
        self._title.set_title(f"Exceptions, {count}" if count else "No exceptions")
        self.findings.set_rows(order.findings)
        self.folds.set_rows(order.folds)
        self._signatures.set_rows(order.signatures)
        self._signatures.setVisible(self.signatures.head.is_open)
        said = " · ".join(face.title for face in order.signatures) or "Nobody signed"
        self.signatures.head.trailing.setText(counted(len(order.signatures), "statement") if order.signatures else said)
        self.signatures.head.describe("Signatures", said)
        self.signatures.head.set_openable(bool(order.signatures))
        self.timeline.show_rows(order.timeline, day=order.day, clock=order.clock)

    def toggle_all(self) -> None:
        """Open everything that is folded up, or fold it up again."""
        self.set_open(not all(fold.head.is_open for fold in self._folds() if fold.head.is_openable))

    def set_open(self, is_open: bool) -> None:
        """Open or fold up everything."""
        for fold in self._folds():
            fold.head.set_open(is_open and fold.head.is_openable)

    def set_compact(self, is_compact: bool) -> None:
        """Put the timeline below the rest on small windows."""
        self.head.set_compact(is_compact)
        side = theme().space(4 if is_compact else 5)
        self._content.setContentsMargins(side, theme().space(3), side, theme().space(4))
        self._line.setVisible(not is_compact)
        layout = self._content if is_compact else self._sides
        if self.timeline.parentWidget() is None or layout.indexOf(self.timeline) < 0:
            self._content.removeWidget(self.timeline)
            self._sides.removeWidget(self.timeline)
            if is_compact:
                self._content.insertWidget(self._content.count() - 1, self.timeline)
            else:
                self._sides.addWidget(self.timeline)
        self.timeline.set_inline(is_compact)

    def _folds(self) -> tuple[FoldCard, ...]:
        return (*self.folds.widgets(), self.signatures)

    def _make_finding(self, finding: Finding) -> FindingCard:
        card = FindingCard(finding, self._thumbs)
        card.link_pressed.connect(self.link_pressed)
        card.photo_pressed.connect(self.photo_pressed)
        return card
