"""A number with its unit between − and +. It accepts comma and point, tells text with a point, and judges nothing."""

from decimal import Decimal

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import button_icon, icon_px
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.unit_edit import UnitEdit
from sync_server.contract.rules.reading import decimal_text, parse_decimal


def normalised_number(text: str) -> str:
    """Write a typed number with a point; a text that is no number stays as it was typed."""
    number = parse_decimal(text.replace("−", "-"))
    return text.strip() if number is None else decimal_text(number)


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


class NumberField(QWidget):
    """− number unit +. The limits bound the buttons, never what may be typed: an odd reading is a reading."""

    edited = Signal(str)
    """The number with a point when the person is done typing or stepped; "" when it was emptied."""

    def __init__(
        self,
        unit: str = "",
        *,
        minimum: Decimal | None = None,
        maximum: Decimal | None = None,
        step: Decimal = Decimal(1),
        name: str = "Value",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._minimum, self._maximum, self._step = minimum, maximum, step
        self._told = ""
        self.edit = UnitEdit(unit)
        self.minus = _StepButton("minus", f"Less, {name}")
        self.plus = _StepButton("plus", f"More, {name}")
        self.set_name(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self.minus, self.edit, self.plus):
            row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.edit)
        self.minus.clicked.connect(self._step_down)
        self.plus.clicked.connect(self._step_up)
        self.edit.stepped.connect(self.step_by)
        self.edit.editingFinished.connect(self._tell)

    def text(self) -> str:
        return normalised_number(self.edit.text())

    def set_text(self, text: str) -> None:
        """Show a number without telling; not while the person types in this field."""
        self._told = normalised_number(text)
        if self._told != self.text():
            self.edit.setText(text.replace(".", self.locale().decimalPoint()))

    def set_unit(self, unit: str) -> None:
        self.edit.set_unit(unit)

    def set_name(self, name: str) -> None:
        """Name what is measured, for screen readers."""
        self.edit.setAccessibleName(name)
        self.minus.setAccessibleName(f"Less, {name}")
        self.plus.setAccessibleName(f"More, {name}")

    def set_error(self, error: bool | str | None) -> None:
        """Show the red frame; a sentence goes to screen readers, the row shows it itself."""
        set_style(self.edit, error=bool(error))
        self.edit.setAccessibleDescription(error if isinstance(error, str) else "")

    def step_by(self, steps: int) -> None:
        """Go up or down by steps from the present number, or from the lowest; never past the limits."""
        now = parse_decimal(self.text())
        start = self._minimum if self._minimum is not None else Decimal(0)
        wanted = start if now is None else now + steps * self._step
        if self._minimum is not None and steps < 0:
            wanted = max(wanted, min(self._minimum, now) if now is not None else self._minimum)
        if self._maximum is not None and steps > 0:
            wanted = min(wanted, max(self._maximum, now) if now is not None else self._maximum)
        if wanted == now:
            return
        if _places(wanted) < _places(self._step):
            wanted = wanted.quantize(self._step)
        self.edit.setText(decimal_text(wanted).replace(".", self.locale().decimalPoint()))
        self._tell()

    @Slot()
    def _step_down(self) -> None:
        self.step_by(-1)

    @Slot()
    def _step_up(self) -> None:
        self.step_by(1)

    @Slot()
    def _tell(self) -> None:
        if self.text() != self._told:
            self._told = self.text()
            self.edited.emit(self._told)


class _StepButton(QPushButton):
    """− or +, as high as the field; held down it goes on."""

    def __init__(self, icon: str, name: str) -> None:
        super().__init__()
        self._icon = icon
        self.setAccessibleName(name)
        self.setAutoRepeat(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_style(self, role="secondary")
        theme().changed.connect(self._render)
        self._render()

    def sizeHint(self) -> QSize:
        least = theme().target("answer")
        return QSize(theme().target("field"), max(least, theme().line("reading") + theme().space(4)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @Slot()
    def _render(self) -> None:
        size = icon_px("nav")
        self.setIcon(button_icon(self._icon, color="text", size=size, gap=0, ratio=self.devicePixelRatioF()))
        self.setIconSize(QSize(size, size))
