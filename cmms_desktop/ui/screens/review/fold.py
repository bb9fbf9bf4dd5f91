"""A part that is folded up: one row with a title and what it holds in short; its lines are built when it is opened."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from cmms_desktop.ui.screens.review.state import Fold
from cmms_desktop.ui.screens.sign.detail_row import DetailRow
from cmms_desktop.ui.screens.sign.state import Detail
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text


class FoldHead(QPushButton):
    """The whole row is the button; without lines it is only a row."""

    turned = Signal(bool)

    def __init__(self, title: str) -> None:
        super().__init__()
        set_style(self, role="row")
        self._is_open = False
        self._title_text, self._short = title, ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._icon = IconLabel("chevron-right", color="text-muted", size="control")
        policy = self._icon.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._icon.setSizePolicy(policy)
        self._title = ElidedText(title, role="item")
        self.badges = BadgeRow()
        self.trailing = Text("", role="card-body", tone="muted")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, theme().space(1), theme().space(2), theme().space(1))
        self._row.setSpacing(theme().space(3))
        for widget in (self._icon, self._title, self.badges, self.trailing):
            widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            stretch = 1 if widget is self.badges else 0
            self._row.addWidget(widget, stretch, Qt.AlignmentFlag.AlignVCenter)
        self.clicked.connect(self.turn)
        self._describe()

    @property
    def is_open(self) -> bool:
        return self._is_open

    def set_open(self, is_open: bool) -> None:
        """Open it or fold it up."""
        if is_open != self._is_open:
            self._is_open = is_open
            self._icon.set_icon("chevron-down" if is_open else "chevron-right")
            self._describe()
            self.turned.emit(is_open)

    @Slot()
    def turn(self) -> None:
        self.set_open(not self._is_open)

    def describe(self, title: str, short: str) -> None:
        """Say what it holds, also to a screen reader."""
        self._title.setText(title)
        self._title_text, self._short = title, short
        self._describe()

    def set_openable(self, is_openable: bool) -> None:
        """Take presses, or be a plain row."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_openable else Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not is_openable)
        self._icon.setVisible(is_openable)
        if not is_openable:
            self.set_open(False)

    @property
    def is_openable(self) -> bool:
        return not self.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        least = theme().target("minimum")
        return self._row.sizeHint().expandedTo(QSize(0, least))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().target("minimum"), self.sizeHint().height())

    def _describe(self) -> None:
        self.setAccessibleName(", ".join(part for part in (self._title_text, self._short) if part))
        self.setAccessibleDescription("Open" if self._is_open else "Folded up")


class FoldCard(Card):
    """A card with a FoldHead; `content` shows below it while it is open."""

    opened = Signal(bool)

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__(padding=3)
        self.head = FoldHead(title)
        self.content = content
        self.body.addWidget(self.head)
        self.body.addWidget(content)
        self.body.setContentsMargins(*(theme().space(n) for n in (3, 1, 2, 1)))
        content.hide()
        self.head.turned.connect(self._open)

    @Slot(bool)
    def _open(self, is_open: bool) -> None:
        self.content.setVisible(is_open)
        self.opened.emit(is_open)


class LinesFold(FoldCard):
    """A fold of lines: labels with what was stated."""

    def __init__(self, fold: Fold) -> None:
        self._lines: KeyedColumn[Detail] = KeyedColumn(DetailRow, DetailRow.show_detail, gap=0)
        super().__init__(fold.title, self._lines)
        self._lines.setContentsMargins(theme().space(6), 0, theme().space(2), theme().space(2))
        self.opened.connect(self._fill)
        self.show_fold(fold)

    def show_fold(self, fold: Fold) -> None:
        """Show another state of the same part."""
        self._fold = fold
        self.head.badges.set_specs(fold.badges)
        self.head.trailing.setText(fold.trailing)
        self.head.trailing.setVisible(bool(fold.trailing))
        short = ", ".join((*(badge.text for badge in fold.badges), fold.trailing)).strip(", ")
        self.head.describe(fold.title, short)
        self.head.set_openable(bool(fold.lines))
        if self.head.is_open:
            self._fill(True)

    @Slot(bool)
    def _fill(self, is_open: bool) -> None:
        self._lines.set_rows(self._fold.lines if is_open else ())
        self._lines.setVisible(is_open and bool(self._fold.lines))
