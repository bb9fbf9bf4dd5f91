"""The tabs of a page: a row, or one menu button where the window is small. It shows and tells; pages are not here."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.styling import set_style

Tabs = tuple[tuple[str, str, int | None], ...]
"""Key, text and count (None or 0: no number) of each tab."""


class TabButton(QPushButton):
    """One tab: the word, and its count smaller behind it."""

    def __init__(self, key: str, text: str, count: int | None) -> None:
        super().__init__(text)
        self.key = key
        self._count = ""
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        set_style(self, role="tab")
        self.set_count(count)

    def set_count(self, count: int | None) -> None:
        self._count = str(count) if count else ""
        self.setAccessibleName(f"{self.text()}, {count}" if count else self.text())
        self.updateGeometry()
        self.update()

    def _count_width(self) -> int:
        if not self._count:
            return 0
        font = theme().font("caption", weight="semibold", tabular=True)
        return QFontMetrics(font).horizontalAdvance(self._count) + theme().space(2)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() + self._count_width(), hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        inner = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        wide = self._count_width()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        option.rect = inner.adjusted(wide if mirrored else 0, 0, 0 if mirrored else -wide, 0)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonLabel, option)
        if self._count:
            painter.setFont(theme().font("caption", weight="semibold", tabular=True))
            painter.setPen(theme().color("accent" if self.isChecked() else "text-muted"))
            left = inner.left() if mirrored else inner.right() - wide
            place = QRect(QPoint(left, inner.top() + 1), QSize(wide, inner.height()))
            side = Qt.AlignmentFlag.AlignLeft if mirrored else Qt.AlignmentFlag.AlignRight
            painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, self._count)


class TabRow(QWidget):
    """Tabs in a row; compact, one button that names the present one and opens a menu."""

    chosen = Signal(str)

    def __init__(self, tabs: Tabs, *, current: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, TabButton] = {}
        self._actions: dict[str, QAction] = {}
        self._counts = {key: count for key, _, count in tabs}
        self._menu_button = QPushButton()
        self._menu = QMenu(self._menu_button)
        self._menu_button.setMenu(self._menu)
        self._menu_button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_style(self._menu_button, menu=True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._fill(tabs)
        self._row.addWidget(self._menu_button)
        self._row.addStretch(1)
        self._is_compact = False
        self.set_compact(False)
        self.set_current(current or tabs[0][0])

    @property
    def current(self) -> str:
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Show a tab as the present one without telling."""
        self._buttons[key].setChecked(True)
        self._actions[key].setChecked(True)
        self._menu_button.setText(self._buttons[key].text())
        self._menu_button.setAccessibleName(f"Page: {self._buttons[key].text()}")

    def set_counts(self, counts: dict[str, int | None]) -> None:
        """Show other numbers at the tabs that are named."""
        for key, count in counts.items():
            self._counts[key] = count
            self._buttons[key].set_count(count)
            self._actions[key].setText(self._menu_text(key))

    def set_compact(self, compact: bool) -> None:
        self._is_compact = compact
        self._menu_button.setVisible(compact)
        for button in self._buttons.values():
            button.setVisible(not compact)
        self.updateGeometry()

    def button(self, key: str) -> QPushButton:
        return self._buttons[key]

    @property
    def menu_button(self) -> QPushButton:
        return self._menu_button

    def _fill(self, tabs: Tabs) -> None:
        actions = QActionGroup(self)
        for key, text, count in tabs:
            button = TabButton(key, text, count)
            button.clicked.connect(self._tell_button)
            self._buttons[key] = button
            self._group.addButton(button)
            self._row.addWidget(button)
            action = QAction(self._menu_text(key), self, checkable=True)
            action.setData(key)
            action.triggered.connect(self._tell_action)
            actions.addAction(action)
            self._actions[key] = action
        self._menu.addActions([*self._actions.values()])

    def _menu_text(self, key: str) -> str:
        count = self._counts.get(key)
        return f"{self._buttons[key].text()}  {count}" if count else self._buttons[key].text()

    @Slot()
    def _tell_button(self) -> None:
        self._choose(self.current)

    @Slot()
    def _tell_action(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._choose(str(action.data()))

    def _choose(self, key: str) -> None:
        self.set_current(key)
        self.chosen.emit(key)
