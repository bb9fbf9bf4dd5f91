"""Photos from files and cameras: read by what they contain, made small, and rid of what they tell about people.

The only door to an image decoder. Everything may be called in any thread. It never looks at a file's name, never opens
a path, keeps no EXIF unless told to keep the position, and never gives a picture back as it came.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageReader, QImageWriter, QPainter

from cmms_desktop.devices.picture_content import is_whole, kind_of, sentence_of_other
from cmms_desktop.devices.picture_position import position_segment, with_segment
from cmms_desktop.errors import Refused

MAX_BYTES: Final = 64 << 20
"""Largest file that is looked at, as large as the server takes one."""
MAX_PIXELS: Final = 64_000_000
"""Largest picture that is decoded: 256 MB while it is open. Cameras of telephones make 12 to 50 million."""
ALLOCATION_MB: Final = 260
"""What one picture may take in memory, whatever its header says."""
LONG_SIDE_PX: Final = 2048
JPEG_QUALITY: Final = 85
DAMAGED: Final = "This photo is damaged and cannot be read. Take it again."


@dataclass(frozen=True, slots=True)
class EncodedPhoto:
    """A photo as it is kept and sent: JPEG, the right way up, its long side at most 2048 px."""

    content: bytes
    media_type: str
    width_px: int
    height_px: int


def encode_photo(data: bytes, *, keep_position: bool = False) -> EncodedPhoto:
    """Make a photo ready to be kept, from the bytes of a JPEG, PNG or WebP.

    Args:
        data: the whole file.
        keep_position: carry the position over that a camera wrote into a JPEG; everything else it wrote is dropped.

    Raises:
        Refused: empty, of another kind, damaged or too large; the sentence says what to do.
    """
    image = _decoded(data, partial(_fit, long_side_px=LONG_SIDE_PX))
    plain = _flattened(image)
    content = _as_jpeg(plain)
    if keep_position and (segment := position_segment(data)) is not None:
        content = with_segment(content, segment)
    return EncodedPhoto(content, "image/jpeg", plain.width(), plain.height())


def thumbnail(data: bytes, width_px: int, height_px: int) -> QImage:
    """Give a picture that fills exactly this many pixels; what does not fit is cut off at the edges.

    Raises:
        Refused: as `encode_photo`.
    """
    target = QSize(width_px, height_px)
    shrink = partial(_cover, side_px=max(width_px, height_px))
    filled = _flattened(_decoded(data, shrink)).scaled(
        target, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    left, top = (filled.width() - width_px) // 2, (filled.height() - height_px) // 2
    return filled.copy(QRect(left, top, width_px, height_px))


def fitted(data: bytes, width_px: int, height_px: int) -> QImage:
    """Give a whole picture, as large as fits into this many pixels and never larger than it is.

    Raises:
        Refused: as `encode_photo`.
    """
    room = QSize(width_px, height_px)
    image = _flattened(_decoded(data, partial(_fit, long_side_px=max(width_px, height_px))))
    if image.width() <= width_px and image.height() <= height_px:
        return image
    return image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def _fit(size: QSize, *, long_side_px: int) -> QSize:
    """Shrink so that the long side has at most so many pixels."""
    if max(size.width(), size.height()) <= long_side_px:
        return size
    return size.scaled(long_side_px, long_side_px, Qt.AspectRatioMode.KeepAspectRatio)


def _cover(size: QSize, *, side_px: int) -> QSize:
    """Shrink so that the short side still has so many pixels: the picture may yet be turned."""
    if min(size.width(), size.height()) <= side_px:
        return size
    return size.scaled(side_px, side_px, Qt.AspectRatioMode.KeepAspectRatioByExpanding)


def _decoded(data: bytes, shrink: Callable[[QSize], QSize]) -> QImage:
    """Decode at the size that is wanted, turned as the camera was held."""
    kind = _checked_kind(data)
    QImageReader.setAllocationLimit(ALLOCATION_MB)
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind.encode()))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.isEmpty():
        raise Refused("invalid_value", DAMAGED)
    if size.width() * size.height() > MAX_PIXELS:
        raise Refused("too_large", "This photo has more than 64 megapixels. Take it with a smaller size.")
    wanted = shrink(size).expandedTo(QSize(1, 1))
    if wanted != size:
        reader.setScaledSize(wanted)
    image = reader.read()
    if image.isNull():
        raise Refused("invalid_value", DAMAGED)
    return image


def _checked_kind(data: bytes) -> str:
    if not data:
        raise Refused("invalid_value", "This file is empty. Take the photo again or choose another one.")
    if len(data) > MAX_BYTES:
        raise Refused("too_large", "This file is larger than 64 MB. Take the photo with a smaller size.")
    kind = kind_of(data)
    if kind is None:
        raise Refused("invalid_value", sentence_of_other(data))
    if not is_whole(data, kind):
        raise Refused("invalid_value", "The end of this photo is missing. Copy it or take it again.")
    return kind


def _flattened(image: QImage) -> QImage:
    """Paint on white in plain sRGB: no transparency, no colour profile, none of the texts that a file may carry."""
    if image.colorSpace().isValid() and image.colorSpace() != QColorSpace(QColorSpace.NamedColorSpace.SRgb):
        converted = image.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
        image = image if converted.isNull() else converted
    plain = QImage(image.size(), QImage.Format.Format_RGB32)
    if plain.isNull():
        raise Refused("too_large", "There is not enough memory for this photo. Take it with a smaller size.")
    plain.fill(Qt.GlobalColor.white)
    painter = QPainter(plain)
    painter.drawImage(0, 0, image)
    painter.end()
    return plain


def _as_jpeg(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpeg"))
    writer.setQuality(JPEG_QUALITY)
    writer.setOptimizedWrite(True)
    if not writer.write(image):
        raise Refused("invalid_value", DAMAGED)
    return bytes(buffer.data().data())
