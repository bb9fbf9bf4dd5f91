"""Taking a part or putting it back: from where, how many, and one button that says exactly what is posted."""

from decimal import Decimal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from cmms_desktop.ui.screens.order_parts.states import MoveState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.fields import NumberField
from cmms_desktop.ui.widgets.segmented import Chips
from cmms_desktop.ui.widgets.text import Text


class MoveForm(Card):
    """Shows a MoveState; hidden while nothing is moved."""

    quantity_entered = Signal(str)
    place_chosen = Signal(str)
    saved = Signal()
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = Text(role="card-title", wrap=True)
        self._where = Text("From", role="label")
        self.places = Chips(())
        self.quantity = NumberField(minimum=Decimal(0), name="Quantity")
        self._hint = Text(role="small", tone="warning", wrap=True)
        self._refusal = Text(role="small", tone="danger", weight="semibold", wrap=True)
        self._back = ActionButton("Back", role="quiet")
        self.act_button = ActionButton("Use", icon="parts", role="primary")
        self._places: tuple[tuple[str, str], ...] = ()
        self._lay_out()
        self.places.chosen.connect(self._choose)
        self.quantity.edited.connect(self.quantity_entered)
        self.quantity.edit.textEdited.connect(self._type)
        self.quantity.edit.returnPressed.connect(self._enter)
        self.act_button.clicked.connect(self.saved)
        self._back.clicked.connect(self.dropped)
        self.hide()

    @property
    def hint(self) -> str:
        """What happens if it is posted like this; "" for nothing out of the ordinary."""
        return "" if self._hint.isHidden() else self._hint.text()

    @property
    def refusal(self) -> str:
        """Why nothing was posted; "" for nothing."""
        return "" if self._refusal.isHidden() else self._refusal.text()

    @property
    def place_ids(self) -> tuple[str, ...]:
        """Where it can come from."""
        return tuple(place_id for place_id, _ in self._places)

    def show_state(self, state: MoveState | None) -> None:
        self.setVisible(state is not None)
        if state is None:
            return
        self._title.setText(state.part)
        self._where.setText("From" if state.act.startswith("Use") else "To")
        if state.places != self._places:
            self.places.set_options(state.places)
            self._places = state.places
        self.places.set_keys((state.place_id,))
        self.quantity.set_unit(state.unit)
        if not self.quantity.edit.hasFocus() or self.quantity.text() == "":
            self.quantity.set_text(state.quantity)
        self._hint.setText(state.hint)
        self._hint.setVisible(bool(state.hint))
        self.act_button.set_text(state.act)

    def show_refusal(self, sentence: str | None) -> None:
        self._refusal.setText(sentence or "")
        self._refusal.setVisible(sentence is not None)
        self.quantity.set_error(sentence)

    def arrange(self, size_class: str) -> None:
        """Narrow windows and large letters put the buttons below the quantity."""
        is_narrow = size_class == "compact" and theme().factor > 1
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dropped.emit()
            return
        super().keyPressEvent(event)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme().space(2))
        buttons.addStretch(1)
        buttons.addWidget(self._back)
        buttons.addWidget(self.act_button)
        where = QVBoxLayout()
        where.setSpacing(theme().space(1))
        where.addWidget(self._where)
        where.addWidget(self.places)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme().space(3))
        self._row.addWidget(self.quantity)
        self._row.addLayout(buttons, 1)
        self.body.setSpacing(theme().space(3))
        self.body.addWidget(self._title)
        self.body.addLayout(where)
        self.body.addLayout(self._row)
        self.body.addWidget(self._hint)
        self.body.addWidget(self._refusal)
        self._refusal.hide()

    @Slot()
    def _type(self) -> None:
        """Tell of each key: what is half typed is kept, too."""
        self.quantity_entered.emit(self.quantity.text())

    @Slot()
    def _enter(self) -> None:
        """Enter posts what stands in the field: Qt tells of Enter before it tells that typing is over."""
        self.quantity_entered.emit(self.quantity.text())
        self.act_button.click()

    @Slot(str)
    def _choose(self, key: str) -> None:
        """One place is always chosen: pressing it again leaves it."""
        self.places.set_keys((key,))
        self.place_chosen.emit(key)
