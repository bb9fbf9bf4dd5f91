"""The right half of the inbox: header, the conflicts or the held change, and a footer with the one act."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout

from cmms_desktop.ui.screens.inbox.conflict_body import ConflictBody
from cmms_desktop.ui.screens.inbox.held_body import HeldBody
from cmms_desktop.ui.screens.inbox.states import ConflictDetail, HeldDetail
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.footer import FooterBar
from cmms_desktop.ui.widgets.page_header import PageHeader

READABLE = "The value not kept stays readable under Settled."
BOTH_READABLE = "Settled. Both values stay readable here."
NOTHING_TO_DO = "Nothing to do here. Your entry is kept."


class DetailPane(QFrame):
    """Tells what the person does; shows one detail at a time."""

    back_pressed = Signal()
    order_wanted = Signal()
    later = Signal()
    settle = Signal()
    approve = Signal()
    refuse = Signal()
    reasoned = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._detail: ConflictDetail | HeldDetail | None = None
        self.header = PageHeader(has_back=False)
        self.header.back_pressed.connect(self.back_pressed)
        self.open_order = ActionButton("Open order", icon="external-link")
        self.open_order.clicked.connect(self.order_wanted)
        self.header.add_trailing(self.open_order)
        self._is_compact = False
        self.conflict = ConflictBody()
        self.conflict.reasoned.connect(self.reasoned)
        self._held: HeldBody | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self.conflict)
        self.footer = FooterBar()
        self.footer.primary_pressed.connect(self._act)
        self.footer.secondary_pressed.connect(self._act_otherwise)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._stack, 1)
        column.addWidget(self.footer)

    def show_detail(self, detail: ConflictDetail | HeldDetail) -> None:
        """Show conflicts or a held change."""
        before, self._detail = self._detail, detail
        if before is None or (before.id, before.badge, before.title) != (detail.id, detail.badge, detail.title):
            self._show_header(detail)
        if isinstance(detail, ConflictDetail):
            self._stack.setCurrentWidget(self.conflict)
            self.conflict.show_detail(detail)
            self._show_conflict_footer(detail)
        else:
            self._stack.setCurrentWidget(self.held)
            self.held.show_detail(detail)
            self._show_held_footer(detail)
        self.footer.primary.set_busy(detail.is_busy)

    @property
    def held(self) -> HeldBody:
        """The body of held changes, made when the first one is shown: most people never see one."""
        if self._held is None:
            self._held = HeldBody()
            self._held.reasoned.connect(self.reasoned)
            self._held.set_compact(self._is_compact)
            self._stack.addWidget(self._held)
        return self._held

    def _show_header(self, detail: ConflictDetail | HeldDetail) -> None:
        facts = detail.facts if isinstance(detail, ConflictDetail) else ()
        self.header.show_title(detail.title, number=detail.number, facts=facts)
        self.header.set_badges((detail.badge,))
        self.open_order.setVisible(bool(detail.order_id))

    def set_compact(self, is_compact: bool) -> None:
        """Arrange for small windows, with the way back to the list."""
        self.header.back_button.setVisible(is_compact)
        self.header.set_compact(is_compact)
        self.footer.set_compact(is_compact)
        self.footer.setMinimumHeight(68 if is_compact else 76)
        self._is_compact = is_compact
        self.conflict.set_compact(is_compact)
        if self._held is not None:
            self._held.set_compact(is_compact)

    def _show_conflict_footer(self, detail: ConflictDetail) -> None:
        self.footer.set_state_text(BOTH_READABLE if detail.is_settled else READABLE, icon="history")
        self.footer.set_primary(None if detail.is_settled else detail.action or None, "git-merge")
        self.footer.set_secondary(None if detail.is_settled else "Later")

    def _show_held_footer(self, detail: HeldDetail) -> None:
        self.footer.set_state_text("" if detail.may_decide else NOTHING_TO_DO, icon="info")
        self.footer.set_primary("Approve change" if detail.may_decide else None, "check")
        self.footer.set_secondary("Refuse change" if detail.may_decide else None)

    @Slot()
    def _act(self) -> None:
        (self.settle if isinstance(self._detail, ConflictDetail) else self.approve).emit()

    @Slot()
    def _act_otherwise(self) -> None:
        (self.later if isinstance(self._detail, ConflictDetail) else self.refuse).emit()
