"""The Parts page: planned and used parts, what ran short, and the form that takes a part or puts it back."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_parts.move_form import MoveForm
from cmms_desktop.ui.screens.order_parts.part_finder import PartFinder
from cmms_desktop.ui.screens.order_parts.part_section import PartSection
from cmms_desktop.ui.screens.order_parts.presenter import PartsPresenter
from cmms_desktop.ui.screens.order_parts.states import MoveState, PartChoice, PartsState
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import SectionTitle
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area


class PartsTab(QWidget):
    """Parts of one order."""

    code_passed_on = Signal(str)
    """A scanned code that names no part."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self._title = SectionTitle("Parts")
        self.add_button = ActionButton("Add part", icon="plus")
        self._title.add_trailing(self.add_button)
        self.finder, self.form = PartFinder(), MoveForm()
        self.planned = PartSection("Planned")
        self.used = PartSection("Used")
        self.requests = PartSection("Requested")
        self._empty = EmptyState("parts", "No parts yet", "Add a part, or scan its label.")
        self._content = ScrolledColumn()
        sections = (self.planned, self.used, self.requests)
        for part in (self._title, self.finder, self.form, *sections, self._empty):
            self._content.column.addWidget(part)
        self._content.column.addStretch(1)
        self._area = scroll_area(self._content, name="Parts")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)
        self.arrange("regular")
        self._presenter = PartsPresenter(context, self, order_id)
        self._connect()

    def start(self) -> None:
        self._presenter.start()

    def stop(self) -> None:
        self._presenter.close()

    def arrange(self, size_class: str) -> None:
        self._content.set_margins(size_class)
        self.form.arrange(size_class)

    def take_scan(self, code: str) -> bool:
        self._presenter.take_code(code)
        return True

    def step_back(self) -> bool:
        is_open = not self.finder.isHidden() or not self.form.isHidden()
        if is_open:
            self._presenter.drop()
        return is_open

    # ---- the presenter's view

    def show_state(self, state: PartsState) -> None:
        self._title.set_trailing(state.as_of)
        self.add_button.setVisible(state.may_use)
        self.planned.show_rows(state.planned)
        self.used.show_rows(state.used)
        self.requests.show_rows(state.requests)
        self._empty.setVisible(not (state.planned or state.used or state.requests))

    def show_finder(self, text: str | None) -> None:
        self.finder.show_text(text)

    def show_found(self, found: tuple[PartChoice, ...], text: str) -> None:
        self.finder.show_found(found, text)

    def show_move(self, state: MoveState | None) -> None:
        was_hidden = self.form.isHidden()
        self.form.show_state(state)
        if state is not None and was_hidden:
            self._area.ensureWidgetVisible(self.form)
            self.form.act_button.setFocus()

    def show_refusal(self, sentence: str | None) -> None:
        self.form.show_refusal(sentence)

    def pass_code_on(self, code: str) -> None:
        self.code_passed_on.emit(code)

    def _connect(self) -> None:
        self.add_button.clicked.connect(self._presenter.open_finder)
        self.finder.typed.connect(self._presenter.find)
        self.finder.chosen.connect(self._presenter.choose)
        self.finder.dropped.connect(self._presenter.drop)
        self.planned.acted.connect(self._presenter.choose)
        self.used.acted.connect(self._presenter.put_back)
        self.form.quantity_entered.connect(self._enter_quantity)
        self.form.place_chosen.connect(self._enter_place)
        self.form.saved.connect(self._presenter.save)
        self.form.dropped.connect(self._presenter.drop)

    @Slot(str)
    def _enter_quantity(self, quantity: str) -> None:
        self._presenter.enter(quantity=quantity)

    @Slot(str)
    def _enter_place(self, place_id: str) -> None:
        self._presenter.enter(place_id=place_id)
