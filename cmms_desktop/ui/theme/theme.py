"""The one theme of this application: what the window looks like, asked by name.

Switching is immediate: palette, font and style sheet change, then `changed` tells whoever paints by hand or shows a
picture. It remembers no setting and touches no widget, except the one window that wears the style sheet.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from cmms_desktop.ui.theme.fonts import load_fonts, make_font
from cmms_desktop.ui.theme.icons import IconPainter
from cmms_desktop.ui.theme.palette import make_palette
from cmms_desktop.ui.theme.style_sheet import style_sheet
from cmms_desktop.ui.theme.tokens import load_tokens, look

_MOVING = frozenset({"state", "sheet"})
"""The durations that are movement; the others are waiting times and stay."""


class Theme(QObject):
    """Tokens of the theme in use, as Qt's own types. Every name it does not know is a KeyError."""

    changed = Signal()
    """The theme or the font setting is another one; sizes, fonts and pictures taken before are old."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.application = app
        self._tokens = load_tokens()
        self._look = look("light", "normal")
        self._reduce_motion = False
        self._icons = IconPainter(self._tokens)
        self._fonts: dict[tuple[str, str | None, bool], QFont] = {}
        self._colors: dict[str, QColor] = {}
        self._dressed: QWidget | None = None
        self.families = load_fonts(self._tokens)

    @property
    def name(self) -> str:
        """Say which theme is in use: light, dark or sunlight."""
        return self._look.name

    @property
    def font_setting(self) -> str:
        """Say which size of text is in use: small, normal, large or largest."""
        return self._look.font_setting

    @property
    def factor(self) -> float:
        """Give how much larger than *normal* text is; rows grow with it, targets never shrink."""
        return self._look.factor

    @property
    def border_width(self) -> int:
        return self._look.border_width

    @property
    def selected_border_width(self) -> int:
        return self._look.selected_border_width

    def use(
        self, *, name: str | None = None, font_setting: str | None = None, reduce_motion: bool | None = None
    ) -> None:
        """Change what is given, for the whole application, and emit `changed`."""
        if reduce_motion is not None:
            self._reduce_motion = reduce_motion
        self._look = look(name or self.name, font_setting or self.font_setting)
        self._icons.forget()
        self._fonts.clear()
        self._colors.clear()
        self._paint_in_next_turn()
        self.application.setPalette(make_palette(self._look))
        self.application.setFont(self.font("body"))
        self._dress()
        self.changed.emit()

    def dress_only(self, window: QWidget | None) -> None:
        """Put the style sheet on one window, which outlives its use; None: on the application, for every widget.

        The style sheet of an application dresses a page with every room that it is put into while it is made, and once
        more in its window: making a page takes twice as long and another theme six times (measured, PySide6 6.11.3).
        """
        if window is not self._dressed:
            self._dressed = window
            if window is not None:
                self.application.setStyleSheet("")
            self._dress()

    def _dress(self) -> None:
        wearing = self.application if self._dressed is None else self._dressed
        wearing.setStyleSheet(style_sheet(self._look))

    def _paint_in_next_turn(self) -> None:
        """Dressing and painting a window take 30 ms each: keep them apart."""
        window = self._dressed
        if window is not None and window.isVisible() and window.updatesEnabled():
            window.setUpdatesEnabled(False)
            QTimer.singleShot(0, window, partial(window.setUpdatesEnabled, True))

    def color(self, token: str) -> QColor:
        """Give a colour of the theme; `scrim` comes with its opacity."""
        kept = self._colors.get(token)
        if kept is None:
            kept = QColor(self._look.color(token))
            if token in self._tokens.opacity:
                kept.setAlphaF(self._tokens.opacity[token][self.name])
            self._colors[token] = kept
        return QColor(kept)

    def font(self, role: str, *, weight: str | None = None, tabular: bool = False) -> QFont:
        """Give the font of a role; ``weight`` (regular, medium, semibold, bold) replaces the role's own."""
        key = (role, weight, tabular)
        if key not in self._fonts:
            self._fonts[key] = make_font(self._look, role, weight=weight, tabular=tabular)
        return QFont(self._fonts[key])

    def line(self, role: str) -> int:
        """Give the height of one line of text, px."""
        return self._look.line(role)

    def space(self, step: int) -> int:
        """Give a distance, px: steps 0 1 2 3 4 5 6 8 12 of 4 px."""
        return self._tokens.space[str(step)]

    def radius(self, name: str) -> int:
        return self._tokens.radius[name]

    def target(self, name: str) -> int:
        """Give the least size of something to touch, px: minimum, field, answer, answer_width, list_row, primary."""
        return self._tokens.target[name.replace("_", "-")]

    def motion(self, name: str) -> int:
        """Give a duration, ms; what moves takes no time in sunlight and where people asked for less motion."""
        if name in _MOVING and (self._reduce_motion or self.name == "sunlight"):
            return 0
        duration = self._tokens.motion[name]
        if not isinstance(duration, int):
            raise KeyError(name)
        return duration

    def icon_size(self, name: str) -> int:
        """Give the size of an icon, px: badge, inline, control, strip, nav, primary, empty."""
        return self._tokens.icon.size[name]

    def pixmap(self, icon: str, color_token: str, size: int, *, ratio: float = 1.0, gap: int = 0) -> QPixmap:
        """Give an icon as a picture of ``size`` logical pixels; fetch it again after `changed`.

        Args:
            icon: a name of the tokens or of Lucide.
            color_token: the colour of its lines.
            size: logical pixels of its height.
            ratio: physical pixels a logical pixel.
            gap: transparent logical pixels towards a word that follows it.
        """
        before, after = self._sides(gap)
        return self._icons.pixmap(
            icon,
            self.color(color_token),
            size,
            stroke=self._look.stroke,
            ratio=ratio,
            gap_before=before,
            gap=after,
        )

    def icon(self, icon: str, color_token: str, size: int, *, gap: int = 0) -> QIcon:
        """Give an icon for a button; fetch it again after `changed`.

        Args:
            icon: a name of the tokens or of Lucide.
            color_token: the colour when the button can be pressed; greyed otherwise.
            size: logical pixels of its height; the button's icon size is ``size + gap`` by ``size``.
            gap: transparent logical pixels towards the word.
        """
        made = QIcon()
        for mode, token in ((QIcon.Mode.Normal, color_token), (QIcon.Mode.Disabled, "text-disabled")):
            made.addPixmap(self.pixmap(icon, token, size, ratio=self.application.devicePixelRatio(), gap=gap), mode)
        return made

    def _sides(self, gap: int) -> tuple[int, int]:
        """Give the room left and right of an icon before a word; that depends on where reading begins."""
        is_mirrored = self.application.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return (gap, 0) if is_mirrored else (0, gap)

    def layout_class(self, width: int) -> str:
        """Say how much room ``width`` logical pixels are at this size of text: compact, regular or wide."""
        room = width / self.factor
        layout = self._tokens.layout
        if room < layout.regular.start:
            return "compact"
        return "wide" if room >= layout.wide.start else "regular"
