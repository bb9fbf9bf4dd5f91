"""The about page: the product, facts that can be copied, and licences that open in place."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.about.presenter import (
    PRODUCT,
    WHAT,
    AboutPresenter,
    AboutState,
    LibraryLine,
    LicenceLine,
)
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.brand import BrandHead, ColourBand
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.text import ElidedText, Text

WIDEST = 760
"""px at the normal size of text: lines that are read stay within this."""


class AboutPage(Page):
    """What this is."""

    def __init__(self, context: ScreenContext, place: Place) -> None:
        super().__init__()
        self._is_started = False
        self._facts = Card(padding=5)
        self._facts.body.setSpacing(theme().space(3))
        self.brand = BrandHead(context.session.signed_in.branding)
        self.band = ColourBand()
        self._values: dict[str, Text] = {}
        self.licences: KeyedColumn[LicenceLine] = KeyedColumn(self._make, LicenceRow.show_line, dividers=True)
        self.libraries: KeyedColumn[LibraryLine] = KeyedColumn(LibraryRow, LibraryRow.show_line)
        shipped, built = Card(padding=5), Card(padding=5)
        shipped.body.addWidget(self.licences)
        built.body.addWidget(self.libraries)
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(*(theme().space(n) for n in (6, 4, 6, 4)))
        column.setSpacing(theme().space(3))
        column.addWidget(self.brand)
        column.addLayout(_headline())
        column.addWidget(Text(WHAT, role="card-body", tone="muted", wrap=True))
        column.addWidget(self.band)
        column.addWidget(self._facts)
        for title, card in (("Licences", shipped), ("Made with", built)):
            column.addSpacing(theme().space(2))
            column.addWidget(Text(title, role="heading"))
            column.addWidget(card)
        column.addStretch(1)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scroll_area(self._inside, name="About"))
        self._presenter = AboutPresenter(context, self)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._presenter.start()

    def stop(self) -> None:
        self._presenter.close()

    def show_state(self, state: AboutState) -> None:
        self.band.show_colour(state.colour)
        for name, value in state.facts:
            if name not in self._values:
                self._values[name] = self._add_fact(name)
            self._values[name].setText(value)
            self._values[name].setAccessibleName(f"{name}: {value}")
        self.licences.set_rows(state.licences)
        self.libraries.set_rows(state.libraries)

    def _add_fact(self, name: str) -> Text:
        value = Text("", role="card-body", weight="medium", wrap=True, selectable=True)
        pair = QVBoxLayout()
        pair.setSpacing(0)
        pair.addWidget(Text(name, role="caption", tone="muted"))
        pair.addWidget(value)
        self._facts.body.addLayout(pair)
        return value

    def _make(self, line: LicenceLine) -> QWidget:
        row = LicenceRow(line)
        row.pressed.connect(self._presenter.open_licence)
        return row

    def _follow_theme(self) -> None:
        self._inside.setMaximumWidth(round(WIDEST * max(1.0, theme().factor)))


class LicenceRow(QWidget):
    """One licence; its text opens below the button."""

    pressed = Signal(str)

    def __init__(self, line: LicenceLine) -> None:
        super().__init__()
        self.button = ActionButton("Read")
        self.button.clicked.connect(partial(self._press, line.id))
        self._name = ElidedText(line.name, role="card-body", weight="medium")
        self._licence = ElidedText(line.licence, role="small", tone="muted")
        self.text = Text("", role="small", wrap=True, selectable=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._licence)
        row = QHBoxLayout()
        row.setSpacing(theme().space(3))
        row.addLayout(words, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        column.setSpacing(theme().space(2))
        column.addLayout(row)
        column.addWidget(self.text)
        self.show_line(line)

    def show_line(self, line: LicenceLine) -> None:
        """Show the text, or only the name."""
        self.button.set_text("Hide" if line.is_open else "Read")
        self.button.setAccessibleName(f"{self.button.text()}: {line.name}")
        self.text.setText(line.text)
        self.text.setVisible(line.is_open)

    def _press(self, name: str, _checked: bool = False) -> None:
        self.pressed.emit(name)


class LibraryRow(QWidget):
    """One library: its name, version and licence."""

    def __init__(self, line: LibraryLine) -> None:
        super().__init__()
        self._name = Text(line.id, role="card-body")
        self._detail = ElidedText("", role="small", tone="muted")
        self._detail.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(3))
        row.addWidget(self._name)
        row.addWidget(self._detail, 1)
        self.show_line(line)

    def show_line(self, line: LibraryLine) -> None:
        """Show its version and licence."""
        self._detail.setText(line.detail)


def _headline() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme().space(3))
    row.addWidget(IconLabel("product-mark", color="accent", size="empty"))
    row.addWidget(Text(PRODUCT, role="display"))
    row.addStretch(1)
    return row
