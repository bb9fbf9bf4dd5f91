"""One place of the rail or bottom bar: icon over or beside a word, with a painted count. Knows no page."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.styling import set_style, set_tip
from cmms_desktop.ui.window.places import NavPlace

COUNT_HEIGHT, COUNT_PADDING = 20, 6
MOST = 99
RAIL_WORD = 68
"""px that a word may take on the rail."""
RAIL, WIDE_RAIL, BAR = "rail", "wide-rail", "bar"
"""Icon over word; icon beside word, from the edge; icon beside word, in the middle."""


class NavButton(QToolButton):
    """A checkable place. `kind` says where it stands."""

    def __init__(self, place: NavPlace, *, kind: str = RAIL, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place, self._kind = place, kind
        self._count, self._is_conflict = 0, False
        self.setText(place.word)
        self.setCheckable(True)
        set_style(self, role="nav")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_count(0)
        theme().changed.connect(self._follow_theme)

    def set_count(self, count: int, *, is_conflict: bool = False) -> None:
        """Show a number; violet only for conflicts."""
        self._count, self._is_conflict = count, is_conflict
        self.setAccessibleName(self.place.word if not count else f"{self.place.word}, {count}")
        set_tip(self, self.place.word)
        self.update()

    def set_word(self, word: str) -> None:
        """Say something else, such as who is signed in."""
        self.place = NavPlace(self.place.page, self.place.icon, word)
        self.setText(word)
        self.set_count(self._count, is_conflict=self._is_conflict)

    def set_kind(self, kind: str) -> None:
        """Stand somewhere else."""
        self._kind = kind
        self._follow_theme()

    def sizeHint(self) -> QSize:
        line, icon = theme().line("nav"), theme().icon_size("nav")
        if self._kind == RAIL:
            return QSize(72, max(64, icon + line * len(self._lines()) + 20))
        return QSize(72, max(theme().target("field"), line + 16))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().target("minimum"), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        color = "on-rail-selected" if self.isChecked() else "on-rail" if self.underMouse() else "rail-muted"
        icon = self._icon_rect()
        picture = theme().pixmap(self.place.icon, color, icon.width(), ratio=self.devicePixelRatioF())
        painter.drawPixmap(icon.topLeft(), picture)
        painter.setPen(theme().color(color))
        painter.setFont(theme().font("nav", weight="semibold" if self.isChecked() else None))
        rect, flags = self._word_rect(icon)
        for number, line in enumerate(self._lines()):
            words = QFontMetrics(painter.font()).elidedText(line, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(rect.translated(0, number * theme().line("nav")), flags, words)
        if self._count:
            self._paint_count(painter, icon)

    def _paint_ground(self, painter: QPainter) -> None:
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("rail-selected"))
            radius = theme().radius("control")
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)

    def _icon_rect(self) -> QRect:
        size = theme().icon_size("nav")
        if self._kind == RAIL:
            top = (self.height() - size - theme().line("nav") * len(self._lines()) - 4) // 2
            return QRect((self.width() - size) // 2, top, size, size)
        if self._kind == WIDE_RAIL:
            left = theme().space(4)
        else:
            words = QFontMetrics(theme().font("nav", weight="semibold")).horizontalAdvance(self.text())
            count = theme().space(2) + self._count_width() if self._count else 0
            left = max(4, (self.width() - size - theme().space(3) - words - count) // 2)
        left = self.width() - size - left if self._is_mirrored else left
        return QRect(left, (self.height() - size) // 2, size, size)

    def _word_rect(self, icon: QRect) -> tuple[QRect, Qt.AlignmentFlag]:
        if self._kind == RAIL:
            return QRect(0, icon.bottom() + 5, self.width(), theme().line("nav")), Qt.AlignmentFlag.AlignCenter
        gap = theme().space(3)
        middle = Qt.AlignmentFlag.AlignVCenter
        if self._is_mirrored:
            return QRect(0, 0, icon.left() - gap, self.height()), middle | Qt.AlignmentFlag.AlignRight
        left = icon.right() + 1 + gap
        return QRect(left, 0, self.width() - left, self.height()), middle | Qt.AlignmentFlag.AlignLeft

    def _count_words(self) -> str:
        return str(self._count) if self._count <= MOST else f"{MOST}+"

    def _count_width(self) -> int:
        words = QFontMetrics(theme().font("caption", weight="bold")).horizontalAdvance(self._count_words())
        return max(COUNT_HEIGHT, words + 2 * COUNT_PADDING)

    def _count_rect(self, icon: QRect) -> QRect:
        """On the rail at the icon's corner; on the bottom bar after the word; on the wide rail at the end."""
        width = self._count_width()
        if self._kind == RAIL:
            left = icon.left() - width + 8 if self._is_mirrored else icon.right() - 4
            return QRect(left, icon.top() - 6, width, COUNT_HEIGHT)
        if self._kind == WIDE_RAIL:
            left = theme().space(3) if self._is_mirrored else self.width() - width - theme().space(3)
        else:
            words = QFontMetrics(theme().font("nav", weight="semibold")).horizontalAdvance(self.text())
            step = theme().space(3) + words + theme().space(2)
            left = icon.left() - step - width if self._is_mirrored else icon.right() + 1 + step
        return QRect(left, (self.height() - COUNT_HEIGHT) // 2, width, COUNT_HEIGHT)

    def _paint_count(self, painter: QPainter, icon: QRect) -> None:
        place = self._count_rect(icon)
        kind = "rail-count-conflict" if self._is_conflict else "rail-count"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(kind))
        painter.drawRoundedRect(QRectF(place), COUNT_HEIGHT / 2, COUNT_HEIGHT / 2)
        painter.setPen(theme().color(f"on-{kind}"))
        painter.setFont(theme().font("caption", weight="bold"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._count_words())

    def _lines(self) -> tuple[str, ...]:
        """The word; a name that is too long for the rail stands on two lines."""
        text = self.text()
        width = QFontMetrics(theme().font("nav", weight="semibold")).horizontalAdvance(text)
        if self._kind != RAIL or width <= RAIL_WORD or " " not in text:
            return (text,)
        first, _, rest = text.partition(" ")
        return (first, rest)

    @property
    def _is_mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    @Slot()
    def _follow_theme(self) -> None:
        self.updateGeometry()
        self.update()
