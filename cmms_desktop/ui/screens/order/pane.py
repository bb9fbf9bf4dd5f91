"""An order with everything that belongs to it: on a page of its own, or beside a list. Shows one order after the other.

Built once and connected once; its presenters turn to another order when it is asked to show one.
"""

from dataclasses import replace

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.bridge.named_drafts import NamedDrafts
from cmms_desktop.ui.screens.order.footer import OrderFooter
from cmms_desktop.ui.screens.order.forms import CodeForm, InPlaceForm, PauseForm
from cmms_desktop.ui.screens.order.header import OrderHeader
from cmms_desktop.ui.screens.order.preloading import preload
from cmms_desktop.ui.screens.order.presenter import OrderPresenter
from cmms_desktop.ui.screens.order.scan_notice import ScanNotice
from cmms_desktop.ui.screens.order.scanning import ScanPresenter, ScanQuestion
from cmms_desktop.ui.screens.order.sheets import OrderSheets
from cmms_desktop.ui.screens.order.states import OrderState
from cmms_desktop.ui.screens.order.tab_stack import TabStack
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.sheet import Sheet

TICK_MS = 10_000
"""The timer in the header says minutes: it is never more than this behind."""


class OrderPane(QWidget):
    """Header, pages and footer of an order. `sheet_area`: what a sheet may cover."""

    back_pressed = Signal()
    tab_shown = Signal(str)
    """Another page of the order is shown; for the place to come back to."""

    def __init__(self, context: ScreenContext, *, has_back: bool, sheet_area: QWidget) -> None:
        super().__init__()
        self._context = context = replace(context, drafts=NamedDrafts(context.drafts, self._name))
        self.form: InPlaceForm | None = None
        """What is being asked for above the footer."""
        self.header = OrderHeader(has_back=has_back)
        self.footer = OrderFooter()
        self.tabs = TabStack(context)
        self._trouble = Banner("warning", "")
        self._trouble_said = ""
        self.question = ScanNotice()
        self._trouble_room, self._question_room = QWidget(), QWidget()
        self._sheets = OrderSheets(Sheet(sheet_area))
        self._timer = QTimer(self, interval=TICK_MS)
        self._presenter = OrderPresenter(context, self, tell_tab=self.tab_shown.emit)
        self._scanning = ScanPresenter(context, self)
        self._build()
        self._connect()
        self._presenter.start()
        context.background.run(preload)

    def show_order(self, order_id: str, tab: str = "summary") -> None:
        """Show an order; showing the same one again only changes the page."""
        if order_id != self._presenter.order_id:
            self.close_form()
            self.show_trouble(None)
            self._context.drafts.hold(f"order:{order_id}", self)
        self._presenter.open(order_id, tab)
        self._scanning.open(order_id)
        self._timer.start()

    def stop(self) -> None:
        """Let go of everything."""
        self._timer.stop()
        self._presenter.close()
        self._scanning.close()
        self.close_form()
        self.tabs.clear()

    @property
    def order_id(self) -> str:
        """Which order is shown; "" for none."""
        return self._presenter.order_id

    def _name(self) -> str:
        page = self._presenter.page
        return "" if page is None else f"{page.number} {page.title}"

    @property
    def trouble(self) -> str:
        """Why a step was not taken, as it is shown; "" for nothing."""
        return self._trouble_said

    @property
    def sheet(self) -> Sheet:
        """The sheet over the page."""
        return self._sheets.sheet

    @property
    def sheet_content(self) -> QWidget | None:
        """What stands in the sheet."""
        return self._sheets.content

    @property
    def is_under_way(self) -> bool:
        """A visit of this order is going on."""
        page = self._presenter.page
        return page is not None and page.visit is not None and page.visit.ended_at is None and not page.is_locked

    # ---- what a page around it asks

    def arrange(self, size_class: str) -> None:
        """Follow the window's size class."""
        self.header.arrange(size_class)
        self.footer.set_compact(size_class == "compact")
        self.tabs.arrange(size_class)

    def primary(self) -> QPushButton | None:
        if self._sheets.is_open:
            return self._sheets.primary()
        if self.form is not None:
            return self.form.act_button
        return None if self.footer.primary.isHidden() else self.footer.primary

    def take_scan(self, code: str) -> bool:
        """Let the page in front use a code, else take it for the label of the asset."""
        if not self.tabs.ask_front("take_scan", code):
            self._scanning.take(code)
        return True

    def take_key(self, key: str) -> bool:
        return self.tabs.ask_front("take_key", key)

    def step_back(self) -> bool:
        """Close what stands open over the page."""
        if self._sheets.is_open or self.form is not None:
            self._presenter.close_form()
            return True
        return self.tabs.ask_front("step_back")

    # ---- the presenter's view

    def show_state(self, state: OrderState) -> None:
        self.header.show_state(state.header, state.tab, state.counts)
        self.tabs.summary.show_state(state.summary)
        self.footer.show_state(state.footer)
        self.header.more.setVisible(self.footer.has_hidden_more)
        self._scanning.may_link = not state.is_locked
        self.tabs.show_tab(state.order_id, state.tab)
        self.footer.show()

    def show_gone(self, *, has_texts: bool) -> None:
        self.close_form()
        self.tabs.show_gone(has_texts=has_texts)
        self.header.show_gone()
        self.footer.hide()

    def show_timer(self, text: str) -> None:
        self.header.timer.show_time(text)

    def show_trouble(self, sentence: str | None) -> None:
        if self.form is not None:
            self.form.field.set_error(sentence)
            return
        self._trouble_said = sentence or ""
        self._trouble_room.setVisible(sentence is not None)
        self._trouble.show_message("warning", self._trouble_said)

    def set_busy(self, is_busy: bool) -> None:
        self.footer.primary.set_busy(is_busy)

    def open_form(self, name: str, log_id: str) -> None:
        self.close_form()
        if name in {"pause", "scan"}:
            self._show_form(PauseForm() if name == "pause" else CodeForm())
        else:
            self._sheets.open(name, self._context, self._presenter, log_id)

    def close_form(self) -> None:
        self._sheets.close()
        form, self.form = self.form, None
        if form is not None:
            self.footer.hide_extra()
            form.deleteLater()

    def show_missing(self) -> None:
        pane = self.tabs.tab("checklist")
        if pane is not None:
            pane.show_missing()  # type: ignore[attr-defined]  # the checklist has it

    # ---- the scan's view

    def show_question(self, question: ScanQuestion | None) -> None:
        self._question_room.setVisible(question is not None)
        self.question.show_question(question)

    def show_code_trouble(self, sentence: str | None) -> None:
        if sentence is not None or isinstance(self.form, CodeForm):
            self.show_trouble(sentence)

    def scan_done(self) -> None:
        if isinstance(self.form, CodeForm):
            self._presenter.keep_draft("code", "")
            self._presenter.close_form()

    # ---- parts

    def showEvent(self, event: QShowEvent) -> None:
        """Come back into sight: what was half entered about this order on another page is taken up from there."""
        super().showEvent(event)
        order_id = self.order_id
        if order_id and self._context.drafts.hold(f"order:{order_id}", self):
            self.close_form()
            self.tabs.clear()
            self._presenter.take_up()
            self._scanning.take_up()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.header.follow_width()

    def _build(self) -> None:
        side, gap = theme().space(4), theme().space(2)
        notices = QVBoxLayout()
        notices.setSpacing(0)
        for notice, room in ((self.question, self._question_room), (self._trouble, self._trouble_room)):
            frame = QVBoxLayout(room)
            frame.setContentsMargins(side, gap, side, gap)
            frame.addWidget(notice)
            notices.addWidget(room)
            room.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.tabs, 1)
        column.addLayout(notices)
        column.addWidget(self.footer)

    def _connect(self) -> None:
        self.header.back_pressed.connect(self.back_pressed)
        self.header.tab_chosen.connect(self._presenter.choose_tab)
        self.header.more.clicked.connect(self._open_more)
        self.tabs.summary.acted.connect(self._presenter.act)
        self.tabs.summary.order_opened.connect(self._presenter.open_order)
        self.tabs.summary.asset_opened.connect(self._presenter.open_asset)
        self.tabs.code_passed_on.connect(self._scanning.take)
        self.tabs.unsaved_changed.connect(self.footer.show_unsaved)
        self.footer.stepped.connect(self._presenter.steps.take)
        self.footer.chosen.connect(self._presenter.choose)
        self.question.kept.connect(self._scanning.keep)
        self.question.added.connect(self._scanning.add)
        self.question.ignored.connect(self._scanning.ignore)
        self._sheets.sheet.closed.connect(self._sheet_closed)
        self._timer.timeout.connect(self._presenter.tick)

    def _show_form(self, form: InPlaceForm) -> None:
        self.form = form
        form.fill(self._presenter.draft(self._draft_name))
        form.typed.connect(self._keep_draft)
        form.done.connect(self._do_form)
        form.dropped.connect(self._presenter.close_form)
        self.footer.show_extra(form)
        form.field.line.setFocus()

    @property
    def _draft_name(self) -> str:
        return "pause" if isinstance(self.form, PauseForm) else "code"

    @Slot(str)
    def _keep_draft(self, text: str) -> None:
        self._presenter.keep_draft(self._draft_name, text)
        self.show_trouble(None)

    @Slot(str)
    def _do_form(self, text: str) -> None:
        if isinstance(self.form, PauseForm):
            self._presenter.steps.pause(text)
        else:
            self._scanning.take(text)

    @Slot()
    def _sheet_closed(self) -> None:
        if self._sheets.is_open:  # by *Not yet* or Esc; else it was closed from here
            self._presenter.close_form()

    @Slot()
    def _open_more(self) -> None:
        self.footer.open_menu(self.header.more)
