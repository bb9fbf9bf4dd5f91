"""One photo in full, in the place of the list; arrows turn to the next."""

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton, IconButton
from cmms_desktop.ui.widgets.text import ElidedText, Text


class PictureArea(QWidget):
    """A picture as large as fits, in the middle. It comes ready: nothing is decoded here."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_picture(self, image: QImage | None) -> None:
        self._picture = None if image is None else QPixmap.fromImage(image)
        self.update()

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            return
        size = self._picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(self.rect().center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, self._picture)


class PhotoViewer(QWidget):
    """Caption, picture, and turning to the others."""

    turned = Signal(int)

    def __init__(self, *, back: str) -> None:
        """`back`: what the way to the others is called."""
        super().__init__()
        self.back = ActionButton(back, icon="arrow-left", role="quiet")
        self._place = Text(role="small", tone="muted", tabular=True)
        self._caption = ElidedText(role="heading", lines=2)
        self._about = Text(role="small", tone="muted", wrap=True)
        self.area = PictureArea()
        self.previous, self.next = (
            IconButton("chevron-left", "Previous photo"),
            IconButton("chevron-right", "Next photo"),
        )
        self.previous.clicked.connect(self._turn_back)
        self.next.clicked.connect(self._turn_on)
        top = QHBoxLayout()
        top.setSpacing(theme().space(2))
        top.addWidget(self.back)
        top.addStretch(1)
        for part in (self._place, self.previous, self.next):
            top.addWidget(part)
        column = QVBoxLayout(self)
        side = theme().space(4)
        column.setContentsMargins(side, theme().space(2), side, theme().space(3))
        column.setSpacing(theme().space(2))
        column.addLayout(top)
        column.addWidget(self.area, 1)
        column.addWidget(self._caption)
        column.addWidget(self._about)

    def show_photo(self, caption: str, about: str, *, place: str) -> None:
        self._caption.setText(caption)
        self._about.setText(about)
        self._place.setText(place)
        self.area.show_picture(None)
        self.area.setAccessibleName(f"{place}: {caption}")

    def show_picture(self, image: QImage) -> None:
        self.area.show_picture(image)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            self.turned.emit(1 if event.key() == Qt.Key.Key_Right else -1)
            return
        super().keyPressEvent(event)

    @Slot()
    def _turn_on(self) -> None:
        self.turned.emit(1)

    @Slot()
    def _turn_back(self) -> None:
        self.turned.emit(-1)
