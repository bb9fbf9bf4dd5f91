"""How an organization lets the program appear: its logo, its name, its colour. They say nothing by themselves."""

from base64 import urlsafe_b64decode

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.text import Text
from sync_server.contract.rules.profile import Branding

LOGO_HEIGHT = 40
"""px; the width follows, up to WIDEST_LOGO."""
WIDEST_LOGO = 160
PLATE = 4
"""px of paper around a logo, which is drawn for white paper as a rule."""


class ColourBand(QWidget):
    """The colour of the organization, above or below what is said of it."""

    def __init__(self) -> None:
        super().__init__()
        self._colours = ("", "")
        self.setFixedHeight(theme().space(1))
        theme().changed.connect(self.update)
        self.hide()

    def show_colour(self, colour: str, dark: str = "") -> None:
        """Show `#rrggbb`, on the dark theme `dark` where there is one; "" shows nothing."""
        self._colours = (colour, dark or colour)
        self.setVisible(bool(colour) and QColor(colour).isValid())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._colours[theme().name == "dark"]))
        painter.end()


class Logo(QLabel):
    """A small PNG on a plate of paper, sharp on every screen; what is no picture is not shown."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        # the stub asks for bytes, which PySide6 6.11.3 refuses
        self._image = QImage.fromData(content, "PNG") if content else QImage()  # type: ignore[arg-type]
        theme().changed.connect(self._render)
        self._render()

    @property
    def is_shown(self) -> bool:
        """Whether there is a picture."""
        return not self._image.isNull()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._render()
        return super().event(event)

    @Slot()
    def _render(self) -> None:
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        size = self._image.size().scaled(
            round(WIDEST_LOGO * ratio), round(LOGO_HEIGHT * ratio), Qt.AspectRatioMode.KeepAspectRatio
        )
        edge = round(PLATE * ratio)
        plate = QImage(size.width() + 2 * edge, size.height() + 2 * edge, QImage.Format.Format_ARGB32_Premultiplied)
        plate.fill(theme().color("paper"))
        painter = QPainter(plate)
        smooth = Qt.TransformationMode.SmoothTransformation
        painter.drawImage(edge, edge, self._image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth))
        painter.end()
        shown = QPixmap.fromImage(plate)
        shown.setDevicePixelRatio(ratio)
        self.setPixmap(shown)


class BrandHead(QWidget):
    """Logo and name of an organization over a band of its colour; hidden where there is nothing to show."""

    def __init__(self, branding: Branding) -> None:
        super().__init__()
        self.logo = Logo(_bytes(branding.logo))
        self.name = Text(branding.name, role="heading", wrap=True)
        self.band = ColourBand()
        row = QHBoxLayout()
        row.setSpacing(theme().space(3))
        row.addWidget(self.logo, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.name, 1, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(2))
        column.addLayout(row)
        column.addWidget(self.band)
        self.logo.setVisible(self.logo.is_shown)
        self.name.setVisible(bool(branding.name))
        self.band.show_colour(branding.colour, branding.dark_colour)
        self.logo.setAccessibleName(f"Logo of {branding.name}" if branding.name else "Logo")
        self.setVisible(self.logo.is_shown or bool(branding.name or branding.colour))


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
