"""One of the things that may be right, as a card to press: a round mark, what it is, what it does."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from cmms_desktop.ui.screens.arrive.states import Choice
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.text_lines import break_lines, draw_line, draw_lines

MARK_PX = 22


class ChoiceCard(QAbstractButton):
    """As wide as its column; the words below its title take two lines at most.

    It is checked by whoever shows it: walking over the cards by keyboard must not start *Try again*.
    """

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.key = choice.key
        self._choice = choice
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self._follow_theme)
        self.show_choice(choice)

    def show_choice(self, choice: Choice) -> None:
        """Show other words of the same choice."""
        self._choice = choice
        self.setText(choice.title)
        self.setAccessibleName(choice.title)
        self.setAccessibleDescription(choice.text)
        self.updateGeometry()
        self.update()

    def nextCheckState(self) -> None:
        """A press changes nothing by itself."""

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = len(self._lines(width))
        return max(
            2 * theme().space(2) + theme().line("item") + lines * theme().line("small"), theme().target("list_row")
        )

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(400))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, theme().target("list_row"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        self._paint_mark(painter)
        words = self._words_rect(self.width())
        top = (self.height() - theme().line("item") - len(self._lines(self.width())) * theme().line("small")) // 2
        title = QRect(words.left(), top, words.width(), theme().line("item"))
        ink = theme().color("on-selection" if self.isChecked() else "text")
        draw_line(painter, title, self._choice.title, font=theme().font("item", weight="semibold"), color=ink)
        painter.setFont(theme().font("small"))
        painter.setPen(ink if self.isChecked() else theme().color("text-muted"))
        below = QRect(words.left(), title.bottom() + 1, words.width(), self.height())
        draw_lines(painter, below, self._lines(self.width()), line_height=theme().line("small"))

    def _paint_frame(self, painter: QPainter) -> None:
        edge = theme().selected_border_width if self.isChecked() else theme().border_width
        fill = "selection" if self.isChecked() else "surface-hover" if self.underMouse() else "surface-raised"
        painter.setPen(QPen(theme().color("accent" if self.isChecked() else "border"), edge))
        painter.setBrush(theme().color(fill))
        inner = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        painter.drawRoundedRect(inner, theme().radius("control"), theme().radius("control"))

    def _paint_mark(self, painter: QPainter) -> None:
        side = theme().space(4)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = self.width() - side - MARK_PX / 2 if mirrored else side + MARK_PX / 2
        middle = QPointF(x, self.height() / 2)
        color = theme().color("accent" if self.isChecked() else "border-strong")
        painter.setPen(QPen(color, 2))
        painter.setBrush(theme().color("surface-raised"))
        painter.drawEllipse(middle, MARK_PX / 2 - 1, MARK_PX / 2 - 1)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(middle, MARK_PX / 4, MARK_PX / 4)

    def _words_rect(self, width: int) -> QRect:
        before, after = theme().space(4) + MARK_PX + theme().space(3), theme().space(4)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left, right = (after, before) if mirrored else (before, after)
        return QRect(left, 0, max(1, width - left - right), self.height())

    def _lines(self, width: int) -> tuple[str, ...]:
        room = self._words_rect(width).width()
        return break_lines(self._choice.text, theme().font("small"), width=room, most=2).lines

    @Slot()
    def _follow_theme(self) -> None:
        self.updateGeometry()
        self.update()
