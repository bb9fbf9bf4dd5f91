"""Photos: read by content, made small, turned upright, rid of what they tell; and hostile files in between."""

import struct
import threading
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QColor, QImage, QPainter

from cmms_desktop.devices import picture
from cmms_desktop.devices.picture import encode_photo, thumbnail
from cmms_desktop.devices.picture_content import segments
from cmms_desktop.errors import Refused
from tests.support.shared_data import shared_data

pytestmark = pytest.mark.qt_log_ignore(r"qt\.gui\.imageio|QImageIOHandler|libpng", extend=True)
"""What decoders say about the broken files given to them here."""


def drawn(width: int, height: int, *, left: str = "#b3261e", right: str = "#1b5cb8") -> QImage:
    """A picture whose left half has another colour than its right half."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.fillRect(0, 0, width // 2, height, QColor(left))
    painter.fillRect(width // 2, 0, width - width // 2, height, QColor(right))
    painter.end()
    return image


def saved(image: QImage, kind: str, *, quality: int = 90) -> bytes:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    assert image.save(buffer, kind, quality)
    return bytes(buffer.data().data())


def opened(content: bytes) -> QImage:
    image = QImage.fromData(QByteArray(content))
    assert not image.isNull()
    return image


def exif(order: str, *entries: bytes) -> bytes:
    """An APP1 segment with these entries of twelve bytes in its first directory."""
    mark = b"II" if order == "<" else b"MM"
    tiff = mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", len(entries)) + b"".join(entries)
    body = b"Exif\0\0" + tiff + struct.pack(order + "I", 0)
    return struct.pack(">HH", 0xFFE1, len(body) + 2) + body


def turned(jpeg: bytes, orientation: int, *, order: str = ">") -> bytes:
    entry = struct.pack(order + "HHI", 0x0112, 3, 1) + struct.pack(order + "HH", orientation, 0)
    return jpeg[:2] + exif(order, entry) + jpeg[2:]


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds one compressed line of nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def refusal(data: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        encode_photo(data)
    with pytest.raises(Refused):
        thumbnail(data, 80, 56)
    assert caught.value.sentence.endswith(".")
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_a_jpeg_of_the_same_picture(kind):
    photo = encode_photo(saved(drawn(300, 200), kind))
    assert (photo.media_type, photo.width_px, photo.height_px) == ("image/jpeg", 300, 200)
    image = opened(photo.content)
    assert image.pixelColor(40, 100).red() > 150 > image.pixelColor(40, 100).blue()
    assert image.pixelColor(260, 100).blue() > 150 > image.pixelColor(260, 100).red()


@pytest.mark.parametrize(("width", "height", "expected"), [(4096, 1024, (2048, 512)), (600, 4000, (307, 2048))])
def test_a_large_photo_is_shrunk_to_its_long_side(width, height, expected):
    photo = encode_photo(saved(drawn(width, height), "JPEG"))
    assert (photo.width_px, photo.height_px) == expected


def test_a_small_photo_is_never_enlarged_and_the_thinnest_keeps_a_pixel():
    assert encode_photo(saved(drawn(20, 10), "PNG")).width_px == 20
    assert encode_photo(saved(drawn(9000, 2), "PNG")).height_px == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_taken_upright_stands_upright(order):
    photo = encode_photo(turned(saved(drawn(300, 200), "JPEG"), 6, order=order))
    assert (photo.width_px, photo.height_px) == (200, 300)
    assert opened(photo.content).pixelColor(100, 40).red() > 150  # the left half is on top now


def test_a_large_upright_photo_is_shrunk_before_it_is_turned():
    photo = encode_photo(turned(saved(drawn(4096, 2048), "JPEG"), 8))
    assert (photo.width_px, photo.height_px) == (1024, 2048)


def test_what_is_transparent_becomes_white():
    image = QImage(40, 40, QImage.Format.Format_ARGB32)
    image.fill(0)
    assert opened(encode_photo(saved(image, "PNG")).content).pixelColor(20, 20).lightness() > 250


def test_nothing_that_a_camera_or_a_program_wrote_is_left():
    image = drawn(64, 48)
    image.setText("Author", "Technician 14")
    secret = turned(saved(image, "JPEG"), 1).replace(b"Exif\0\0", b"Exif\0\0", 1)
    content = encode_photo(secret + b"trailing secret").content
    assert b"Exif" not in content
    assert b"Technician" not in content
    assert b"secret" not in content
    assert b"Technician" not in encode_photo(saved(image, "PNG")).content
    assert {marker for marker, _, _ in segments(content)} <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}


def test_the_position_of_a_camera_is_dropped_unless_it_is_wanted():
    data = (shared_data("photos_exif_gps") / "DSCN0010.jpg").read_bytes()
    assert b"Exif" not in encode_photo(data).content
    photo = encode_photo(data, keep_position=True)
    assert photo.content.count(b"Exif\0\0") == 1
    assert b"NIKON" in data
    assert b"NIKON" not in photo.content
    again = encode_photo(photo.content, keep_position=True)
    assert again.content[2:180] == photo.content[2:180]  # the same position, read from what was written
    assert (photo.width_px, photo.height_px) == (640, 480)


def test_a_position_block_without_coordinates_is_no_position():
    data = (shared_data("photos_exif_gps") / "45-gps_ifd.jpg").read_bytes()
    assert b"Exif" not in encode_photo(data, keep_position=True).content


def gps(order: str, latitude: tuple[int, ...], *, side: bytes = b"N") -> bytes:
    """A JPEG whose position is given as six numbers for the latitude; the longitude is 9° E."""
    entries = [struct.pack(order + "HHII", 0x8825, 4, 1, 26)]
    places = 26 + 2 + 48 + 4
    directory = struct.pack(order + "H", 4)
    for n, name in enumerate((side, b"E")):
        directory += struct.pack(order + "HHI", 2 * n + 1, 2, 2) + name.ljust(4, b"\0")
        directory += struct.pack(order + "HHII", 2 * n + 2, 5, 3, places + 24 * n)
    rest = directory + struct.pack(order + "I", 0) + struct.pack(order + "6I", *latitude)
    rest += struct.pack(order + "6I", 9, 1, 0, 1, 0, 1)
    mark = b"II" if order == "<" else b"MM"
    tiff = mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", 1) + entries[0]
    body = b"Exif\0\0" + tiff + struct.pack(order + "I", 0) + rest
    jpeg = saved(drawn(16, 16), "JPEG")
    return jpeg[:2] + struct.pack(">HH", 0xFFE1, len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order):
    content = encode_photo(gps(order, (45, 1, 30, 1, 0, 1), side=b"S"), keep_position=True).content
    assert b"S\0\0\0" in content
    assert struct.pack(">6I", 45, 1, 30, 1, 0, 10_000) in content


@pytest.mark.parametrize(
    "latitude", [(45, 0, 30, 1, 0, 1), (91, 1, 0, 1, 0, 1), (4_000_000_000, 1, 0, 1, 0, 1), (0, 0, 0, 0, 0, 0)]
)
def test_a_position_that_cannot_be_is_dropped_and_the_photo_kept(latitude):
    photo = encode_photo(gps(">", latitude), keep_position=True)
    assert b"Exif" not in photo.content


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<svg xmlns='x'><script>alert(1)</script></svg>", "JPEG, PNG or WebP"),
        (b"<!doctype html><img src=x onerror=alert(1)>", "JPEG, PNG or WebP"),
        (b"GIF89a\x01\x00\x01\x00", "JPEG, PNG or WebP"),
        (b"BM" + bytes(100), "JPEG, PNG or WebP"),
        (b"%PDF-1.7 \n%%EOF", "PDF"),
        (b"\0\0\0\x18ftypheic" + bytes(64), "HEIC"),
        (b"\0\0\0\x18ftypisom" + bytes(64), "film"),
        (b"\xff\xd8\xff", "end of this photo"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(40) + b"\xff\xd9", "end of this photo"),
        (b"\x89PNG\r\n\x1a\n", "end of this photo"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20) + b"IEND", "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "end of this photo"),
        (b"RIFF\x04\0\0\0WEBP", "damaged"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_sentence_that_says_what_to_do(data, words):
    problem = refusal(data)
    assert words in problem.sentence
    assert problem.code == "invalid_value"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_photo_without_its_end_is_never_evidence(kind, share):
    whole = saved(drawn(400, 300), kind)
    assert "photo" in refusal(whole[: int(len(whole) * share)]).sentence


def test_an_end_that_stands_only_in_the_camera_thumbnail_does_not_count():
    inner = saved(drawn(16, 16), "JPEG")
    outer = saved(drawn(400, 300), "JPEG")
    app1 = struct.pack(">HH", 0xFFE1, len(inner) + 2) + inner
    assert encode_photo(outer[:2] + app1 + outer[2:]).width_px == 400
    assert "end" in refusal(outer[:2] + app1 + outer[2:-40]).sentence


@pytest.mark.parametrize("size", [(60_000, 60_000), (2_000_000_000, 1), (8_001, 8_000)])
def test_a_header_that_claims_too_much_is_refused_before_anything_is_decoded(size):
    problem = refusal(png_header(*size))
    assert problem.code in {"too_large", "invalid_value"}  # Qt itself finds the second size absurd


def test_a_picture_without_pixels_is_damaged():
    assert "damaged" in refusal(png_header(0, 10)).sentence


def test_a_file_above_the_cap_is_not_even_looked_at(monkeypatch):
    monkeypatch.setattr(picture, "MAX_BYTES", 1000)
    problem = refusal(b"\xff\xd8\xff" + bytes(1000))
    assert (problem.code, "64 MB" in problem.sentence) == ("too_large", True)


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300), (1000, 40), (30, 20), (80, 56)])
def test_a_thumbnail_fills_its_tile_whatever_the_shape(width, height):
    image = thumbnail(saved(drawn(width, height), "JPEG"), 80, 56)
    assert (image.width(), image.height()) == (80, 56)
    assert image.pixelColor(2, 28).red() > 150
    assert image.pixelColor(77, 28).blue() > 150


def test_a_thumbnail_is_made_in_another_thread():
    data, made = saved(drawn(600, 400), "JPEG"), []
    thread = threading.Thread(target=lambda: made.append(thumbnail(data, 80, 56)))
    thread.start()
    thread.join()
    assert made[0].width() == 80


BASES = [saved(drawn(48, 32), kind) for kind in ("JPEG", "PNG", "WEBP")] + [gps("<", (45, 1, 30, 1, 0, 1))]


@pytest.mark.no_qt_log  # the decoders' own words are many here
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(BASES), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12), st.data())
def test_bytes_that_were_changed_are_a_photo_or_refused_and_nothing_else(base, edits, data):
    changed = bytearray(base)
    for place, value in edits:
        changed[place % len(changed)] = value
    cut = data.draw(st.integers(0, len(changed)))
    said: list[str] = []
    for content in (bytes(changed), bytes(changed[:cut])):
        try:
            photo = encode_photo(content, keep_position=True)
        except Refused as problem:
            said.append(problem.sentence[-1])
        else:
            assert photo.content.startswith(b"\xff\xd8")
            assert max(photo.width_px, photo.height_px) <= picture.LONG_SIDE_PX
    assert set(said) <= {"."}
