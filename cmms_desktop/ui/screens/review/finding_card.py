"""One finding as a card: what it is, photos, the gauge of a reading, what was noted, the way to what belongs to it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.thumbs import Thumbs
from cmms_desktop.ui.screens.review.state import Finding
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.flow_layout import FlowLayout
from cmms_desktop.ui.widgets.gauge import Gauge
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.photo_tile import PhotoTile
from cmms_desktop.ui.widgets.text import ElidedText, Text


class FindingCard(Card):
    """Shows one Finding; failed items and refusals have a red frame."""

    link_pressed = Signal(str)
    photo_pressed = Signal()

    def __init__(self, finding: Finding, thumbs: Thumbs) -> None:
        super().__init__()
        self._thumbs = thumbs
        self._icon = IconLabel(finding.icon, color=finding.color, size="strip")
        self._title = ElidedText("", role="item", weight="semibold", lines=2)
        self._badge = BadgeRow()
        self._photos = _Photos(self._ask)
        self._photos.pressed.connect(self.photo_pressed)
        self._gauge = Gauge()
        self._text = Text("", role="card-body", wrap=True)
        self._link = ActionButton("", role="quiet")
        self._link.clicked.connect(self._tell_link)
        head = QHBoxLayout()
        head.setSpacing(theme().space(2))
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        head.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        self._below = QHBoxLayout()
        self._below.setSpacing(theme().space(4))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._link, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        self._below.addWidget(self._photos, 0, Qt.AlignmentFlag.AlignTop)
        self._below.addWidget(self._gauge, 0, Qt.AlignmentFlag.AlignTop)
        self._below.addLayout(words, 1)
        self.body.addLayout(self._below)
        self.show_finding(finding)

    def show_finding(self, finding: Finding) -> None:
        """Show another state of the same finding."""
        self._finding = finding
        self.set_kind("card-danger" if finding.color == "danger" else "card")
        self._icon.set_icon(finding.icon, color=finding.color)
        self._title.setText(finding.title)
        self._badge.set_specs((finding.badge,) if finding.badge else ())
        self._photos.show_photos(finding.photos)
        self._gauge.setVisible(finding.gauge is not None)
        if finding.gauge is not None:
            self._gauge.show_reading(*finding.gauge)
        self._text.setText(finding.text)
        self._text.setVisible(bool(finding.text))
        self._link.setVisible(finding.link is not None)
        self._link.set_text(finding.link[1] if finding.link else "")
        inset = 0 if finding.photos or finding.gauge else theme().icon_size("strip") + theme().space(2)
        self._below.setContentsMargins(inset, 0, 0, 0)

    def _ask(self, sha256: str, then: Callable[[QImage | None], None]) -> None:
        self._thumbs.ask(sha256, then)

    @Slot()
    def _tell_link(self) -> None:
        if self._finding.link is not None:
            self.link_pressed.emit(self._finding.link[0])


class _Photos(QWidget):
    """Small pictures side by side."""

    pressed = Signal()

    def __init__(self, ask: Callable[[str, Callable[[QImage | None], None]], None]) -> None:
        super().__init__()
        self._ask = ask
        self._shown: tuple[str, ...] = ()
        self._tiles: dict[str, PhotoTile] = {}
        self._flow = FlowLayout(self, gap=theme().space(2), line_gap=theme().space(2))

    def show_photos(self, photos: tuple[str, ...]) -> None:
        self.setVisible(bool(photos))
        if photos == self._shown:
            return
        self._shown = photos
        self._flow.clear()
        self._tiles = {sha256: PhotoTile() for sha256 in photos}
        for sha256, tile in self._tiles.items():
            tile.clicked.connect(self.pressed)
            self._flow.addWidget(tile)
            self._ask(sha256, partial(self._take, sha256))

    def _take(self, sha256: str, image: QImage | None) -> None:
        tile = self._tiles.get(sha256)
        if tile is not None and image is not None:
            tile.set_thumb(image)
