"""Small pictures of photos, decrypted and decoded outside the GUI thread, each once as long as it is wanted.

It never holds a photo itself; a photo that is not on this device gives None, and its picture once it has come.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from shiboken6 import isValid

from cmms_desktop.application.session import BlobFolder, Key
from cmms_desktop.devices.picture import thumbnail
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import ScreenContext

MOST_KEPT: Final = 200
"""Pictures of 80 × 56 at twice the pixels: 7 MB."""
Shown = Callable[[QImage | None], None]


class Thumbs:
    """Small pictures of one size for one page."""

    def __init__(self, context: ScreenContext, *, width_px: int = 160, height_px: int = 112) -> None:
        """Make pictures of this many device pixels."""
        self._context = context
        self._size = (width_px, height_px)
        self._known: OrderedDict[str, QImage | None] = OrderedDict()
        self._waiting: dict[str, list[Shown]] = {}
        self._absent: dict[str, list[Shown]] = {}
        """Asked for while the photo was not here."""
        self._stop = context.background.on_touched(self._touched)

    def ask(self, sha256: str, then: Shown) -> None:
        """Tell the small picture of a photo, at once when it is known."""
        if sha256 in self._known:
            self._known.move_to_end(sha256)
            then(self._known[sha256])
            return
        self._await(sha256, [then])

    def _await(self, sha256: str, those: list[Shown]) -> None:
        is_new = sha256 not in self._waiting
        self._waiting.setdefault(sha256, []).extend(those)
        if is_new:
            work = partial(_small, self._context.session.blobs, sha256, *self._size)
            self._context.background.run(work, partial(self._made, sha256), refused=partial(self._failed, sha256))

    def close(self) -> None:
        """Tell nobody any more; the page is gone."""
        self._stop()
        self._waiting.clear()
        self._absent.clear()
        self._known.clear()

    def _touched(self, keys: frozenset[Key]) -> None:
        """Try photos again that were not here: an attachment is told when its bytes have come."""
        if not any(entity == "attachment" for entity, _ in keys):
            return
        absent, self._absent = self._absent, {}
        for sha256, those in absent.items():
            if alive := [then for then in those if _is_there(then)]:
                self._await(sha256, alive)

    def _made(self, sha256: str, image: QImage) -> None:
        self._tell(sha256, image)

    def _failed(self, sha256: str, problem: CmmsError) -> None:
        """The bytes are not here, or no picture; the tile shows a sign instead, until they come."""
        if sha256 in self._waiting:
            self._absent.setdefault(sha256, []).extend(self._waiting[sha256])
        self._tell(sha256, None)
        self._known.pop(sha256, None)

    def _tell(self, sha256: str, image: QImage | None) -> None:
        self._known[sha256] = image
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        for then in self._waiting.pop(sha256, ()):
            then(image)


def _is_there(then: Shown) -> bool:
    """Whether the widget that a callback belongs to still exists."""
    owner = getattr(getattr(then, "func", then), "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)


def _small(blobs: BlobFolder, sha256: str, width_px: int, height_px: int) -> QImage:
    return thumbnail(blobs.read(sha256), width_px, height_px)
