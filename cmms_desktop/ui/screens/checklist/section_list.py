"""At the left: the sections with how far each is, and what is missing before Finish. A press leads there."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.checklist.states import ChecklistState, Missing, SectionState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

WIDTH_PX = 272
MOST_MISSING = 30
"""Missing items that are listed; the others come up as these are answered."""


class _Line(QPushButton):
    """A button as wide as the list, with widgets in it that leave the mouse to it."""

    def __init__(self, *, is_checkable: bool) -> None:
        super().__init__()
        self.setCheckable(is_checkable)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        set_style(self, role="row")
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(theme().space(3), theme().space(1), theme().space(3), theme().space(1))
        self.line.setSpacing(theme().space(2))

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.line.addWidget(widget, stretch)

    def sizeHint(self) -> QSize:
        inner = self.line.sizeHint()
        return QSize(inner.width(), max(inner.height(), theme().target("table_row")))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())


class SectionButton(_Line):
    """Title, what is not in order, a check when it is done, and the counts."""

    chosen = Signal(int)

    def __init__(self, state: SectionState) -> None:
        super().__init__(is_checkable=True)
        self.index = state.index
        self._title = ElidedText("", role="card-body", weight="medium")
        self._trouble = QWidget()
        self._trouble_words = Text("", role="caption", tone="danger", weight="semibold")
        self._done = IconLabel("pass", color="success", size="control")
        self._counts = Text("", role="card-body", tone="muted", tabular=True)
        below = QHBoxLayout(self._trouble)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme().space(1))
        below.addWidget(IconLabel("refused", color="danger", size="badge"))
        below.addWidget(self._trouble_words)
        below.addStretch(1)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._trouble)
        self.add(words, 1)
        self.add(self._done)
        self.add(self._counts)
        self.clicked.connect(self._tell)
        self.show_state(state)

    def show_state(self, state: SectionState) -> None:
        """Show how far it is."""
        self._title.setText(state.title)
        self._trouble_words.setText(state.exceptions)
        self._trouble.setVisible(bool(state.exceptions))
        self._done.setVisible(state.is_done and not state.exceptions)
        self._counts.setText(f"{state.answered}/{state.total}")
        said = (state.title, state.counts, state.exceptions)
        self.setAccessibleName(", ".join(part for part in said if part))
        self.updateGeometry()

    @Slot()
    def _tell(self) -> None:
        self.setChecked(True)
        self.chosen.emit(self.index)


class MissingButton(_Line):
    """Number, prompt and an arrow."""

    chosen = Signal(str)

    def __init__(self, missing: Missing) -> None:
        super().__init__(is_checkable=False)
        self._id = missing.id
        self._number = Text("", role="card-body", tone="muted", tabular=True)
        self._prompt = ElidedText("", role="card-body", weight="medium")
        self.add(self._number)
        self.add(self._prompt, 1)
        self.add(IconLabel("arrow-right", color="accent", size="control"))
        self.clicked.connect(self._tell)
        self.show_missing(missing)

    def show_missing(self, missing: Missing) -> None:
        """Show an item."""
        self._number.setText(missing.number)
        self._prompt.setText(missing.prompt)
        self.setAccessibleName(f"Go to {missing.number} {missing.prompt}")

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit(self._id)


class SectionList(QFrame):
    """The left pane of a checklist."""

    section_chosen = Signal(int)
    missing_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._sections = KeyedColumn[_Keyed](self._make_section, _show_section, gap=1)
        self._missing = KeyedColumn[Missing](self._make_missing, MissingButton.show_missing, gap=0)
        self._title = Text("Missing before Finish", role="label", tone="muted")
        self._rest = Text("", role="caption", tone="muted")
        self._line = Divider()
        self._state: ChecklistState | None = None
        self._in_front = 0
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._list_sections)
        self._last = QTimer(self, interval=0, singleShot=True)
        self._last.timeout.connect(self._list_missing)
        for part in (self._title, self._line, self._rest):
            part.hide()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme().space(3), theme().space(3), theme().space(3), theme().space(3))
        column.setSpacing(theme().space(2))
        column.addWidget(self._sections)
        column.addSpacing(theme().space(2))
        column.addWidget(self._line)
        column.addSpacing(theme().space(1))
        column.addWidget(self._title)
        column.addWidget(self._missing)
        column.addWidget(self._rest)
        self._title.setContentsMargins(theme().space(3), 0, 0, 0)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll_area(inner, name="Sections"))
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def show_state(self, state: ChecklistState) -> None:
        """Show sections and what is missing, each in a turn of its own: the rows at the right come first."""
        self._state = state
        self._later.start()

    def mark_section(self, index: int) -> None:
        """Show which section is in front."""
        self._in_front = index
        for button in self._sections.widgets():
            button.setChecked(button.index == index)

    def section_button(self, index: int) -> SectionButton:
        """The button of a section."""
        found: SectionButton = self._sections.widget(str(index))
        return found

    def missing_button(self, item_id: str) -> MissingButton | None:
        """The button of a missing item; None: it is not listed."""
        found: MissingButton | None = self._missing.widget(item_id)
        return found

    def _make_section(self, row: "_Keyed") -> QWidget:
        button = SectionButton(row.section)
        button.chosen.connect(self.section_chosen)
        return button

    def _make_missing(self, missing: Missing) -> QWidget:
        button = MissingButton(missing)
        button.chosen.connect(self.missing_chosen)
        return button

    @Slot()
    def _list_sections(self) -> None:
        if self._state is not None:
            self._sections.set_rows([_Keyed(str(section.index), section) for section in self._state.sections])
            self.mark_section(self._in_front)
            self._last.start()

    @Slot()
    def _list_missing(self) -> None:
        missing = () if self._state is None else self._state.missing
        self._missing.set_rows(missing[:MOST_MISSING])
        more = len(missing) - MOST_MISSING
        self._rest.setText(f"and {more} more")
        self._rest.setVisible(more > 0)
        for part in (self._title, self._line):
            part.setVisible(bool(missing))

    @Slot()
    def _follow_theme(self) -> None:
        self.setFixedWidth(int(WIDTH_PX * max(1.0, theme().factor)))


class _Keyed:
    """A section as a row of a keyed column: equal as long as its button would say the same."""

    def __init__(self, id_: str, section: SectionState) -> None:
        self.id, self.section = id_, section
        self._shown = (section.title, section.exceptions, section.answered, section.total)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self._shown == other._shown

    def __hash__(self) -> int:
        return hash(self._shown)


def _show_section(button: SectionButton, row: _Keyed) -> None:
    button.show_state(row.section)
