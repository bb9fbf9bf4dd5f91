"""What an asset's card shows when another has its code: the others, a field for another code, or that both are one."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.assets.presenter import SharedCode, TwinRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.confirm import ConfirmInPlace
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class SharedCodeCard(Card):
    """Tells the new code, or the asset that this one is."""

    renamed = Signal(str)
    linked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._text = Text(role="card-body", wrap=True)
        self.code = LabelledField("New code")
        self.rename = ActionButton("Rename", icon="pencil")
        self.rename.clicked.connect(self._tell_code)
        self.code.finished.connect(self._follow)
        self.code.edited.connect(self._follow)
        self.twins: KeyedColumn[TwinRow] = KeyedColumn(self._make, TwinLine.show_row, gap=2)
        self._entry = QWidget()
        line = QHBoxLayout(self._entry)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme().space(3))
        line.addWidget(self.code, 1)
        line.addWidget(self.rename, 0, Qt.AlignmentFlag.AlignBottom)
        for part in (self._text, self.twins, self._entry):
            self.body.addWidget(part)

    def show_shared(self, shared: SharedCode | None) -> None:
        """Show it, or nothing."""
        self.setVisible(shared is not None)
        if shared is None:
            return
        self._text.setText(shared.text)
        self.twins.set_rows(shared.twins)
        for part in (self.twins, self._entry):
            part.setVisible(shared.may_act)
        self._follow(self.code.line.text())

    def clear_code(self) -> None:
        """Forget what was typed: it is the code now, or another asset is shown."""
        self.code.set_text("")
        self._follow("")

    @Slot(str)
    def _follow(self, text: str) -> None:
        self.rename.setEnabled(bool(text.strip()))

    @Slot()
    def _tell_code(self) -> None:
        self.renamed.emit(self.code.line.text())

    def _make(self, row: TwinRow) -> QWidget:
        line = TwinLine(row)
        line.linked.connect(self.linked)
        return line


class TwinLine(QWidget):
    """One of the others, and the act that says that both are the same."""

    linked = Signal(str)

    def __init__(self, row: TwinRow) -> None:
        super().__init__()
        self._text = Text(role="item", wrap=True)
        self.link = ActionButton("The same asset", icon="git-merge", role="quiet")
        self.asking = ConfirmInPlace(self.link, row.question, "Keep both", row.act)
        self.asking.confirmed.connect(partial(self.linked.emit, row.id))
        column = QVBoxLayout(self)  # the question needs the whole width
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(2))
        column.addWidget(self._text)
        column.addWidget(self.asking)
        self.show_row(row)

    def show_row(self, row: TwinRow) -> None:
        """Show another text of the same asset."""
        self._text.setText(row.text)
        self.asking.set_question(row.question, row.act)
        self.link.setAccessibleName(f"The same asset as {row.text}")
