"""Badges: icon and word on a soft fill, drawn alike by delegates and widgets."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import icon_px
from cmms_desktop.ui.widgets.flow_layout import FlowLayout
from cmms_desktop.ui.widgets.styling import set_shown, set_tip
from cmms_desktop.ui.widgets.text_lines import plain

PADDING, ICON_GAP = 6, 5
"""px beside the content, and between icon and word."""
MOST_CHARS = 40
"""A word of a server that is longer ends in "…"; the whole of it shows where the mouse rests."""


def badge_size(spec: BadgeSpec) -> QSize:
    """Give the size of a badge in px at the present font size."""
    icon = icon_px("badge") + ICON_GAP if spec.icon else 0
    words = QFontMetrics(theme().font("badge")).horizontalAdvance(spec.text)
    return QSize(2 * PADDING + icon + words + 2, theme().line("badge"))


def paint_badge(painter: QPainter, place: QRect | QPoint, spec: BadgeSpec) -> QRect:
    """Draw a badge at a point or at the start of a rectangle, in its middle height; give where it is.

    A badge that is wider than the rectangle is elided to it.
    """
    rect = _badge_rect(place, spec)
    soft, words, border = _colors(spec.kind)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = theme().radius("badge")
    outline = theme().border_width if theme().name == "sunlight" else 0
    painter.setPen(QPen(theme().color(border), outline) if outline else Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(soft))
    half = outline / 2
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius, radius)
    _paint_content(painter, rect, spec, words)
    painter.restore()
    return rect


def _badge_rect(place: QRect | QPoint, spec: BadgeSpec) -> QRect:
    size = badge_size(spec)
    if isinstance(place, QPoint):
        return QRect(place, size)
    top = place.top() + (place.height() - size.height()) // 2
    return QRect(place.left(), top, min(size.width(), place.width()), size.height())


def _paint_content(painter: QPainter, rect: QRect, spec: BadgeSpec, color: str) -> None:
    inner = rect.adjusted(PADDING, 0, -PADDING, 0)
    mirrored = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    if spec.icon:
        size = icon_px("badge")
        left = inner.right() + 1 - size if mirrored else inner.left()
        ratio = painter.device().devicePixelRatioF()
        picture = theme().pixmap(spec.icon, color, size, ratio=ratio)
        painter.drawPixmap(left, rect.top() + (rect.height() - size) // 2, picture)
        step = size + ICON_GAP
        inner.adjust(0 if mirrored else step, 0, -step if mirrored else 0, 0)
    font = theme().font("badge")
    painter.setFont(font)
    painter.setPen(theme().color(color))
    words = QFontMetrics(font).elidedText(
        plain(spec.text).replace("\n", " "), Qt.TextElideMode.ElideRight, inner.width() + 2
    )
    painter.drawText(inner.adjusted(0, 0, 2, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def _colors(kind: str) -> tuple[str, str, str]:
    """Give the tokens of fill, words and outline of a kind."""
    if kind == "neutral":
        fill = "surface-raised" if theme().name == "sunlight" else "surface-sunken"
        return fill, "text-muted", "border-strong"
    if kind.endswith("-fill"):
        family = kind.removesuffix("-fill")
        return kind, f"on-{family.removeprefix('state-')}", kind
    if kind == "accent":
        return "accent-soft", "accent", "accent"
    return f"{kind}-soft", kind, f"{kind}-border"


class BadgeLabel(QLabel):
    """One badge as a widget; its word is what a screen reader says."""

    def __init__(self, spec: BadgeSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec.text, parent)
        self._spec = spec
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._follow_theme)

    @property
    def spec(self) -> BadgeSpec:
        return self._spec

    def set_spec(self, spec: BadgeSpec) -> None:
        self._spec = spec
        self.setText(spec.text)
        self._follow_theme()

    def sizeHint(self) -> QSize:
        size = badge_size(self._spec)
        most = MOST_CHARS * QFontMetrics(theme().font("badge")).averageCharWidth()
        return QSize(min(size.width(), most), size.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_badge(QPainter(self), self.rect(), self._spec)

    @Slot()
    def _follow_theme(self) -> None:
        set_tip(self, self._spec.text if badge_size(self._spec).width() > self.sizeHint().width() else "")
        self.updateGeometry()
        self.update()


class BadgeRow(QWidget):
    """Badges side by side that wrap to a next line where the room ends."""

    def __init__(self, specs: Iterable[BadgeSpec] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, gap=theme().space(2), line_gap=theme().space(1))
        self._specs: tuple[BadgeSpec, ...] = ()
        self.set_specs(specs)

    def set_specs(self, specs: Iterable[BadgeSpec]) -> None:
        wanted = tuple(specs)
        if wanted == self._specs:
            return
        self._specs = wanted
        self._flow.clear()
        for spec in wanted:
            badge = BadgeLabel(spec)
            self._flow.addWidget(badge)
            badge.show()
        set_shown(self, bool(wanted))
