"""The card "You sign exactly this": statement, parts of the record with their exceptions, and the whole record."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sign.detail_row import DetailRow
from cmms_desktop.ui.screens.sign.state import Detail, Record, RecordLine, RecordPart
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

LABEL_PX = 92
"""Width of the labels at the normal font size."""


class RecordCard(Card):
    """Shows one Record; the digits that name its bytes stand at the end of the title."""

    def __init__(self, title: str) -> None:
        super().__init__(padding=5)
        self.body.setSpacing(theme().space(3))
        self._digits = _Digits()
        head = QHBoxLayout()
        head.setSpacing(theme().space(3))
        head.addWidget(Text(title, role="heading"), 1)
        head.addWidget(self._digits)
        self.body.addLayout(head)
        self._sentence = Text("", role="body", wrap=True)
        sunken = QFrame()
        set_style(sunken, kind="sunken")
        row = QHBoxLayout(sunken)
        row.setContentsMargins(theme().space(4), theme().space(2), theme().space(4), theme().space(2))
        row.addWidget(self._sentence)
        self.body.addWidget(sunken)
        self._parts: KeyedColumn[RecordPart] = KeyedColumn(_PartRow, _PartRow.show_part, dividers=True)
        self.body.addWidget(self._parts)
        self._details: KeyedColumn[Detail] = KeyedColumn(DetailRow, DetailRow.show_detail, gap=0)
        self._record: Record | None = None
        self._more = ActionButton("Show the whole record", icon="chevron-down", role="quiet")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._open)
        self.body.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self._details)
        self._details.hide()

    def show_record(self, record: Record) -> None:
        """Show a record; what did not change stays as it is."""
        if record == self._record:
            return
        self._record = record
        self._digits.show_digits(record.digits)
        self._sentence.setText(record.sentence)
        self._parts.set_rows(record.parts)
        if self._more.isChecked():
            self._details.set_rows(record.details)

    @Slot(bool)
    def _open(self, is_open: bool) -> None:
        self._more.set_text("Hide the whole record" if is_open else "Show the whole record")
        self._more.set_icon("chevron-up" if is_open else "chevron-down")
        self._details.set_rows(self._record.details if is_open and self._record else ())


class _Digits(QWidget):
    """A fingerprint and the digits that name the bytes; a sentence while there are none."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        self._icon = IconLabel("fingerprint", color="text-muted", size="inline")
        self._words = Text("", role="small", tone="muted", tabular=True)
        row.addWidget(self._icon)
        row.addWidget(self._words)

    def show_digits(self, digits: str) -> None:
        self._words.setText(f"Record {digits}" if digits else "Gets its number when you draw")
        self._words.setAccessibleName(f"Record number {digits}" if digits else self._words.text())


class _PartRow(QWidget):
    """Label at the start, then text, badges and lines."""

    def __init__(self, part: RecordPart) -> None:
        super().__init__()
        self._label = Text("", role="card-body", tone="muted")
        self._text = Text("", role="card-body", wrap=True)
        self._badges = BadgeRow()
        self._lines = _Lines()
        content = QVBoxLayout()
        content.setSpacing(theme().space(1))
        for widget in (self._text, self._badges, self._lines):
            content.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        row.setSpacing(theme().space(3))
        row.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(content, 1)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()
        self.show_part(part)

    def show_part(self, part: RecordPart) -> None:
        self._label.setText(part.label)
        self._text.setText(part.text)
        self._badges.set_specs(part.badges)
        self._lines.show_lines(part.lines)

    @Slot()
    def _follow_theme(self) -> None:
        self._label.setFixedWidth(int(LABEL_PX * max(1.0, theme().factor)))


class _Lines(QWidget):
    """Exceptions: icon, number, what it is, and at the end what was recorded."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().space(2))
        self._grid.setVerticalSpacing(theme().space(1))
        self._grid.setColumnStretch(2, 1)
        self._shown: tuple[RecordLine, ...] = ()
        self.hide()

    def show_lines(self, lines: tuple[RecordLine, ...]) -> None:
        if lines == self._shown:
            return
        self._shown = lines
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for place, line in enumerate(lines):
            self._add(place, line)
        self.setVisible(bool(lines))

    def _add(self, place: int, line: RecordLine) -> None:
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(IconLabel(line.icon, color=line.tone, size=theme().line("card-body") - 4), place, 0, top)
        if not line.number:
            words = Text(line.title, role="card-body", tone=line.tone, weight="medium", wrap=True)
            self._grid.addWidget(words, place, 1, 1, 3)
            return
        self._grid.addWidget(Text(line.number, role="card-body", tone="muted", tabular=True), place, 1, top)
        self._grid.addWidget(ElidedText(line.title, role="card-body", weight="medium", lines=2), place, 2, top)
        said = Text(line.detail, role="small", tone="muted", tabular=True)
        self._grid.addWidget(said, place, 3, top | Qt.AlignmentFlag.AlignRight)
