"""A picture of one icon in one colour of the theme. It carries no meaning alone: a word always stands beside it."""

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import directed, icon_px


class IconLabel(QLabel):
    """Shows an icon of the theme at one of its sizes (`inline`, `strip` …) or a number of px.

    With `line`, a role of text, it is as high as a line of that text and stands in its middle.
    """

    def __init__(
        self,
        icon: str,
        *,
        color: str = "text",
        size: str | int = "inline",
        line: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._color, self._size, self._line = icon, color, size, line
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme().changed.connect(self._render)
        self._render()

    def set_icon(self, icon: str, *, color: str | None = None) -> None:
        self._icon = icon
        self._color = color or self._color
        self._render()

    @property
    def icon(self) -> str:
        """What it shows."""
        return self._icon

    def sizeHint(self) -> QSize:
        height = self._px if self._line is None else max(self._px, theme().line(self._line))
        return QSize(self._px, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def _px(self) -> int:
        return self._size if isinstance(self._size, int) else icon_px(self._size)

    @Slot()
    def _render(self) -> None:
        self.setPixmap(theme().pixmap(directed(self._icon), self._color, self._px, ratio=self.devicePixelRatioF()))
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._render()
        return super().event(event)
