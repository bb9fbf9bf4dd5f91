"""The head of an order under review: title with its badges, what it is about, and the seal of its signature."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.review.state import ReviewOrder, Seal
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.buttons import IconButton
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

_TONES = {"success": "success", "danger": "danger", "warning": "warning"}


class OrderHead(QFrame):
    """Back (small windows), title and badges over number · asset · place · technician; the seal at the end."""

    back_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_style(self, kind="header")
        self.back_button = IconButton("arrow-left", "Back to the list")
        self.back_button.clicked.connect(self.back_pressed)
        self._title = ElidedText("", role="title")
        self._badges = QHBoxLayout()
        self._badges.setSpacing(theme().space(2))
        self._specs: tuple[BadgeSpec, ...] = ()
        self._shown: tuple[BadgeSpec, ...] = ()
        self._number = Text("", role="small", weight="bold")
        self._facts = ElidedText("", role="small", tone="muted")
        self._seal = _SealLabel()
        self._row = QHBoxLayout(self)
        self._row.setSpacing(theme().space(3))
        self._row.addWidget(self.back_button)
        self._row.addLayout(self._words(), 1)
        self._row.addWidget(self._seal, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_compact(False)

    def _words(self) -> QVBoxLayout:
        top = QHBoxLayout()
        top.setSpacing(theme().space(3))
        top.addWidget(self._title)
        top.addLayout(self._badges)
        top.addStretch(1)
        below = QHBoxLayout()
        below.setSpacing(theme().space(1))
        below.addWidget(self._number)
        below.addWidget(self._facts, 1)
        words = QVBoxLayout()
        words.setSpacing(theme().space(1))
        words.addLayout(top)
        words.addLayout(below)
        return words

    def show_order(self, order: ReviewOrder) -> None:
        """Show what the page is about."""
        self._title.setText(order.title)
        self._specs = order.badges
        self._show_badges()
        self._number.setText(order.number)
        self._facts.setText("".join(f"· {fact} " for fact in order.facts).strip())
        self._seal.show_seal(order.seal)

    def _show_badges(self) -> None:
        specs = () if self._is_compact else self._specs
        if specs == self._shown:
            return
        self._shown = specs
        while (item := self._badges.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for spec in specs:
            self._badges.addWidget(BadgeLabel(spec))

    def set_compact(self, is_compact: bool) -> None:
        """Be lower, without badges."""
        self._is_compact = is_compact
        self.back_button.setVisible(is_compact)
        self._title.set_role("card-title" if is_compact else "title")
        self._show_badges()
        upright = theme().space(2 if is_compact else 3)
        self._row.setContentsMargins(theme().space(2 if is_compact else 5), upright, theme().space(4), upright)


class _SealLabel(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("shield-check", color="success", size="inline")
        self._word = Text("", role="label", weight="semibold")
        self._digits = Text("", role="small", tone="muted", tabular=True)
        top = QHBoxLayout()
        top.setSpacing(theme().space(1))
        top.addStretch(1)
        top.addWidget(self._icon)
        top.addWidget(self._word)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._digits, 0, Qt.AlignmentFlag.AlignRight)

    def show_seal(self, seal: Seal | None) -> None:
        self.setVisible(seal is not None)
        if seal is not None:
            self._icon.set_icon(seal.icon, color=seal.tone)
            self._word.setText(seal.word)
            self._word.set_tone(_TONES.get(seal.tone, "muted"))
            self._digits.setText(seal.digits)
            self._digits.setAccessibleName(f"Record number {seal.digits}")
