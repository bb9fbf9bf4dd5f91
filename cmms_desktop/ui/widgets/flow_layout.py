"""A layout that puts widgets side by side and goes on in the next line where the room ends."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Items in reading direction at their wished size; `gap` and `line_gap` in px."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8, line_gap: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._wished: list[tuple[QLayoutItem, QSize]] | None = None
        self._heights: dict[int, int] = {}
        self._gap, self._line_gap = gap, line_gap
        self.setContentsMargins(0, 0, 0, 0)

    def clear(self) -> None:
        """Take every widget out and delete it."""
        while (item := self.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.invalidate()

    def invalidate(self) -> None:
        """Ask everybody for his size again; until then the answers are kept: layouts ask hundreds of times."""
        self._wished = None
        self._heights.clear()
        super().invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), only_measure=True)
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, only_measure=False)

    def sizeHint(self) -> QSize:
        shown = [size for _, size in self._shown()]
        width = sum(size.width() for size in shown) + self._gap * max(0, len(shown) - 1)
        return QSize(width, max((size.height() for size in shown), default=0)) + self._frame()

    def minimumSize(self) -> QSize:
        least = QSize(0, 0)
        for item in self._items:
            if not item.isEmpty():
                least = least.expandedTo(item.minimumSize())
        return least + self._frame()

    def _shown(self) -> list[tuple[QLayoutItem, QSize]]:
        """Give what is shown, each with the size it wishes for."""
        if self._wished is None:
            self._wished = [(item, item.sizeHint()) for item in self._items if not item.isEmpty()]
        return self._wished

    def _frame(self) -> QSize:
        margins = self.contentsMargins()
        return QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _place(self, rect: QRect, *, only_measure: bool) -> int:
        """Lay the items out in lines; give the height in px that they take."""
        inner = rect.marginsRemoved(self.contentsMargins())
        x, y, line_height = 0, 0, 0
        for item, wished in self._shown():
            size = wished.boundedTo(QSize(max(inner.width(), 1), wished.height()))
            if x > 0 and x + size.width() > inner.width():
                x, y, line_height = 0, y + line_height + self._line_gap, 0
            if not only_measure:
                item.setGeometry(QRect(self._corner(inner, x, y, size), size))
            x += size.width() + self._gap
            line_height = max(line_height, size.height())
        return y + line_height + self._frame().height()

    def _corner(self, inner: QRect, x: int, y: int, size: QSize) -> QPoint:
        parent = self.parentWidget()
        mirrored = parent is not None and parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left = inner.right() + 1 - x - size.width() if mirrored else inner.left() + x
        return QPoint(left, inner.top() + y)
