"""What a person meets on a rendered window: how large targets are, how well words can be read, what they are called.

Measured on pixels and on Qt's own accessibility tree, not on what the code means to show.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

TARGETS = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox)
LEAST_PX = 44
NAMED_ROLES = frozenset(
    {
        QAccessible.Role.Button,
        QAccessible.Role.CheckBox,
        QAccessible.Role.RadioButton,
        QAccessible.Role.ComboBox,
        QAccessible.Role.EditableText,
        QAccessible.Role.List,
        QAccessible.Role.ListItem,
        QAccessible.Role.PageTab,
        QAccessible.Role.MenuItem,
        QAccessible.Role.Slider,
        QAccessible.Role.SpinBox,
        QAccessible.Role.Table,
        QAccessible.Role.ProgressBar,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person with gloves, in the sun or with a screen reader would stumble over."""

    widget: str
    what: str

    def __str__(self) -> str:
        return f"{self.widget}: {self.what}"


def visible(window: QWidget) -> Iterator[QWidget]:
    """Every widget that can be seen, at least in part."""
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and not widget.visibleRegion().isEmpty():
            yield widget


def small_targets(window: QWidget) -> list[Finding]:
    """Controls and rows that are too small to be hit with gloves on."""
    found = []
    for widget in visible(window):
        if isinstance(widget, TARGETS) and widget.isEnabled() and not isinstance(widget.parent(), QLineEdit):
            if min(widget.width(), widget.height()) < LEAST_PX:
                found.append(Finding(name_of(widget), f"{widget.width()} × {widget.height()} px"))
        elif isinstance(widget, QAbstractItemView):
            found += _small_rows(widget)
    return found


def _small_rows(view: QAbstractItemView) -> Iterator[Finding]:
    model = view.model()
    for row in range(min(model.rowCount(), 60) if model else 0):
        index = model.index(row, 0)
        rect = view.visualRect(index)
        if index.flags().value & 1 and not rect.isEmpty() and rect.height() < LEAST_PX:  # 1: selectable
            yield Finding(name_of(view), f"row {row} is {rect.height()} px high")


def unreadable(window: QWidget, *, least: float) -> list[Finding]:
    """Words whose best pixel does not stand out enough from what is behind them."""
    picture = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    found = []
    for widget in visible(window):
        is_words = isinstance(widget, QLabel) and widget.text() and widget.pixmap().isNull()
        is_button = isinstance(widget, QAbstractButton) and widget.text() and widget.isEnabled()
        if not (is_words or is_button) or not widget.isEnabled():
            continue
        region = widget.visibleRegion().boundingRect()
        place = QRect(widget.mapTo(window, region.topLeft()), region.size()).intersected(window.rect())
        if place.width() < 8 or place.height() < 10 or _is_covered(widget, window, place):
            continue
        ratio = best_contrast(picture, place, ratio=picture.width() / max(1, window.width()))
        if ratio is not None and ratio < least:
            found.append(Finding(name_of(widget), f"contrast {ratio:.1f}"))
    return found


def _is_covered(widget: QWidget, window: QWidget, place: QRect) -> bool:
    on_top = window.childAt(place.center())
    return (
        on_top is not None and on_top is not widget and not widget.isAncestorOf(on_top) and not _above(widget, on_top)
    )


def _above(widget: QWidget, other: QWidget) -> bool:
    """Whether `other` contains the widget: a label lets the mouse through to its button."""
    return other.isAncestorOf(widget)


def best_contrast(picture: QImage, place: QRect, *, ratio: float = 1.0) -> float | None:
    """Contrast of the pixel that stands out most from the commonest one; None for a plain area."""
    left, top = round(place.left() * ratio), round(place.top() * ratio)
    right, bottom = round((place.right() + 1) * ratio), round((place.bottom() + 1) * ratio)
    colors = colors_in(picture, QRect(left, top, right - left, bottom - top))
    if len(colors) < 2:
        return None
    ground = colors.most_common(1)[0][0]
    return max(contrast(color, ground) for color in colors)


def colors_in(picture: QImage, place: QRect) -> Counter[int]:
    """How many pixels of a place have which colour, as 0xRRGGBB.

    A row at a time, because asking for each of a page's million pixels takes seconds.
    """
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)  # the same picture where it is that already
    inside = place.intersected(plain.rect())
    pixels, width = plain.constBits().cast("I"), plain.bytesPerLine() // 4
    found: Counter[int] = Counter()
    for y in range(inside.top(), inside.bottom() + 1):
        found.update(pixels[y * width + inside.left() : y * width + inside.right() + 1])
    return Counter({color & 0xFFFFFF: count for color, count in found.items()})


def contrast(one: int, other: int) -> float:
    """WCAG contrast of two RGB colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: int) -> float:
    color = QColor(rgb)
    parts = [_linear(part) for part in (color.redF(), color.greenF(), color.blueF())]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def nameless(window: QWidget) -> list[Finding]:
    """Controls that a screen reader cannot name."""
    root = QAccessible.queryAccessibleInterface(window)
    return list(_nameless(root, 0)) if root else [Finding("window", "has no accessible interface")]


def _nameless(interface: QAccessibleInterface, depth: int) -> Iterator[Finding]:
    if depth > 40 or interface.state().invisible:  # type: ignore[attr-defined]
        return
    if interface.role() in NAMED_ROLES and not interface.text(QAccessible.Text.Name).strip():
        thing = interface.object()
        yield Finding(name_of(thing) if isinstance(thing, QWidget) else str(interface.role()), "has no name")
    for number in range(min(interface.childCount(), 200)):
        child = interface.child(number)
        if child is not None and child.isValid():
            yield from _nameless(child, depth + 1)


def out_of_window(window: QWidget) -> list[Finding]:
    """Controls that stick out of the window's side, where no scrolling brings them back."""
    found = []
    for widget in visible(window):
        if isinstance(widget, TARGETS) and not _scrolls(widget, window):
            place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
            if not window.rect().contains(place):
                found.append(Finding(name_of(widget), f"at {place.x()}, {place.y()}"))
    return found


def _scrolls(widget: QWidget, window: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def name_of(widget: QWidget) -> str:
    """A widget as a person can find it."""
    words = widget.accessibleName() or (widget.text() if isinstance(widget, QLabel | QAbstractButton) else "")
    return f"{type(widget).__name__} “{words[:60]}”"
