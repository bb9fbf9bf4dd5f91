"""Buttons: words with an icon, or one icon with a name. What a press means is the screen's business."""

from PySide6.QtCore import QEvent, QRect, QSize, QTimer, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import COLOR_OF_ROLE, GAP, button_icon, icon_px
from cmms_desktop.ui.widgets.giving_button import GivingButton
from cmms_desktop.ui.widgets.key_cap import key_cap_size, paint_key_cap
from cmms_desktop.ui.widgets.styling import set_style, set_tip

BUSY_TEXT = "Saving…"

_WHILE_BUSY = {
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.TouchBegin,
    QEvent.Type.TouchUpdate,
    QEvent.Type.TouchEnd,
    QEvent.Type.KeyPress,
    QEvent.Type.KeyRelease,
    QEvent.Type.Shortcut,
}


class ActionButton(GivingButton):
    """A button that says verb and object.

    Args:
        role: primary, secondary, quiet, danger or danger-fill.
        large: as high as a primary (56), for the secondary of a footer.
        small: a primary of 44, where the page has no footer.
        shortcut_hint: the key that does the same, shown as a key cap behind the words.
    """

    def __init__(
        self,
        text: str,
        *,
        icon: str | None = None,
        role: str = "secondary",
        large: bool = False,
        small: bool = False,
        shortcut_hint: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon, self._role, self._hint = icon, role, shortcut_hint
        self._is_large = large or (role == "primary" and not small)
        self._idle_text = text
        self._is_busy, self._busy_text = False, BUSY_TEXT
        self.setAccessibleName(text)
        self._busy_timer = QTimer(self, singleShot=True)
        self._busy_timer.timeout.connect(self._say_busy)
        set_style(self, role=role, scale="large" if large else "small" if small else None)
        theme().changed.connect(self._render_icon)
        self._render_icon()

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    def set_text(self, text: str) -> None:
        self._idle_text = text
        self.setAccessibleName(text)
        if not self._is_busy:
            self.setText(text)

    def set_icon(self, icon: str | None) -> None:
        self._icon = icon
        self._render_icon()

    def set_shortcut_hint(self, keys: str | None) -> None:
        self._hint = keys
        self.updateGeometry()
        self.update()

    def set_role(self, role: str) -> None:
        self._role = role
        set_style(self, role=role)
        self._render_icon()

    def set_busy(self, busy: bool, *, text: str = BUSY_TEXT) -> None:
        """Take no presses while a command runs; the size stays and after 400 ms the words say so."""
        self._busy_text = text
        if busy == self._is_busy:
            return
        self._is_busy = busy
        if busy:
            self.setMinimumWidth(self.width() if self.isVisible() else self.sizeHint().width())
            self._busy_timer.start(theme().motion("busy-after"))
            return
        self._busy_timer.stop()
        self.setMinimumWidth(0)
        self.setText(self._idle_text)
        self._render_icon()

    def click(self) -> None:
        if not self._is_busy:
            super().click()

    @Slot()
    def _say_busy(self) -> None:
        super().setIcon(type(self.icon())())
        self.setText(self._busy_text)

    @Slot()
    def _render_icon(self) -> None:
        size = icon_px("primary" if self._is_large else "control")
        if self._icon is None:
            self.setIcon(type(self.icon())())
            return
        color = COLOR_OF_ROLE.get(self._role, "text")
        gap = GAP if self._idle_text else 0
        self.setIcon(button_icon(self._icon, color=color, size=size, gap=gap, ratio=self.devicePixelRatioF()))
        self.setIconSize(QSize(size + gap, size))

    def event(self, event: QEvent) -> bool:
        if self._is_busy and event.type() in _WHILE_BUSY:
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() + self._hint_width(), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._hint is None:
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        inner = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        option.rect = inner.adjusted(0, 0, -self._hint_width(), 0)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonLabel, option)
        words = self.fontMetrics().horizontalAdvance(self.text())
        words += 0 if self.icon().isNull() else self.iconSize().width() + GAP
        size = key_cap_size(self._hint)
        left = option.rect.left() + (option.rect.width() + words) // 2 + theme().space(3)
        color = theme().color(COLOR_OF_ROLE.get(self._role, "text") if self.isEnabled() else "text-disabled")
        place = QRect(left, (self.height() - size.height()) // 2, size.width(), size.height())
        paint_key_cap(painter, place, self._hint, color=color, border=color)

    def _hint_width(self) -> int:
        return 0 if self._hint is None else key_cap_size(self._hint).width() + theme().space(3)


class IconButton(QPushButton):
    """One icon alone, only for search, scan, back, close and more; its name is the tooltip."""

    def __init__(
        self, icon: str, name: str, *, role: str = "icon", color: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon, self._role, self._color = icon, role, color
        self.set_name(name)
        set_style(self, role=role)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._render_icon)
        self._render_icon()

    def set_name(self, name: str) -> None:
        set_tip(self, name)
        self.setAccessibleName(name)

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self._render_icon()

    def sizeHint(self) -> QSize:
        least = theme().target("minimum")
        return super().sizeHint().expandedTo(QSize(least, least))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @Slot()
    def _render_icon(self) -> None:
        size = icon_px("nav")
        color = self._color or COLOR_OF_ROLE.get(self._role, "text")
        self.setIcon(button_icon(self._icon, color=color, size=size, gap=0, ratio=self.devicePixelRatioF()))
        self.setIconSize(QSize(size, size))
