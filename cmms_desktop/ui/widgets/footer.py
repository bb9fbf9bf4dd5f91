"""The footer of a page: a sentence left, at most one secondary button, the primary right. The next step."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.step_dots import StepTrail
from cmms_desktop.ui.widgets.styling import set_style, set_tip
from cmms_desktop.ui.widgets.text import ElidedText

__all__ = ["FooterBar", "StepTrail"]


class FooterBar(QFrame):
    """Holds the state sentence, one secondary and the primary; grows by one row in place for approve and return."""

    primary_pressed = Signal()
    secondary_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_style(self, kind="footer")
        self._left: QWidget | None = None
        self._extra: QWidget | None = None
        self._sentence = _StateSentence()
        self.secondary = ActionButton("", large=True)
        self.primary = ActionButton("", role="primary")
        self.primary.setDefault(True)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme().space(3))
        self._row.addWidget(self._sentence, 1)
        self._row.addWidget(self.secondary)
        self._row.addWidget(self.primary)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(theme().space(3))
        self._column.addLayout(self._row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.primary.hide()
        self.secondary.hide()
        self.primary.clicked.connect(self.primary_pressed)
        self.secondary.clicked.connect(self.secondary_pressed)
        self._is_compact = False
        theme().changed.connect(self._arrange)
        self._arrange()

    def set_compact(self, compact: bool) -> None:
        """Use the lower footer of small windows: 68 instead of 76 px."""
        self._is_compact = compact
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        compact = self._is_compact
        side = theme().space(4)
        self._sentence.set_role("small" if compact else "card-body")
        upright = (68 if compact else 76) - theme().target("primary") - theme().border_width
        self._column.setContentsMargins(side, upright // 2, side, upright - upright // 2)
        self.primary.setMinimumWidth(int((200 if compact else 280) * max(1.0, min(theme().factor, 1.2))))

    def set_state_text(self, text: str, *, icon: str | None = None, tone: str | None = None) -> None:
        """Show a sentence at the left, such as "Everything is saved on this device."."""
        self.set_left(None)
        self._sentence.show_sentence(text, icon, tone)

    def set_left(self, widget: QWidget | None) -> None:
        """Show a widget at the left instead of the sentence: a StepTrail or a progress; None: the sentence again."""
        if self._left is not None and self._left is not widget:
            self._row.removeWidget(self._left)
            self._left.hide()
            self._left.deleteLater()
        if widget is not None and self._left is not widget:
            self._row.insertWidget(0, widget, 1)
            widget.show()
        self._left = widget
        self._sentence.setVisible(widget is None)

    def set_primary(self, text: str | None, icon: str | None = None, *, shortcut_hint: str | None = None) -> None:
        """Name the next step; None hides the button."""
        self.primary.setVisible(text is not None)
        if text is not None:
            self.primary.set_text(text)
            self.primary.set_icon(icon)
            self.primary.set_shortcut_hint(shortcut_hint)

    def set_secondary(
        self, text: str | None, icon: str | None = None, *, name: str | None = None, shortcut_hint: str | None = None
    ) -> None:
        """Name the other thing one may do; None hides it. `name` is for a button with only an icon."""
        self.secondary.setVisible(text is not None)
        if text is not None:
            self.secondary.set_text(text)
            self.secondary.set_icon(icon)
            self.secondary.set_shortcut_hint(shortcut_hint)
            self.secondary.setAccessibleName(name or text)
            set_tip(self.secondary, name or "")

    def show_extra(self, widget: QWidget) -> None:
        """Grow by one row above the buttons; the widget stays the caller's."""
        self.hide_extra()
        self._extra = widget
        self._column.insertWidget(0, widget)
        widget.show()

    def hide_extra(self) -> None:
        if self._extra is not None:
            self._column.removeWidget(self._extra)
            self._extra.hide()
            self._extra.setParent(None)
            self._extra = None


class _StateSentence(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("info", color="text-muted", size="control")
        self._words = ElidedText("", role="card-body", lines=2)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        self.show_sentence("", None, None)

    def set_role(self, role: str) -> None:
        self._words.set_role(role)

    def show_sentence(self, text: str, icon: str | None, tone: str | None) -> None:
        self._words.setText(text)
        self._words.set_tone(tone)
        self._icon.setVisible(icon is not None and bool(text))
        if icon is not None:
            self._icon.set_icon(icon)
