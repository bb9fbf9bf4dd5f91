"""Small files of demonstrations: a photo of a pattern, and a paper that says its title. Same name, same bytes."""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from typing import Final

PHOTO: Final = "image/png"
PAPER: Final = "application/pdf"
_WIDTH, _HEIGHT = 160, 120
_EDGE = 20
"""Pixels along a square of the pattern."""


@dataclass(frozen=True, slots=True)
class File:
    """Bytes with what they are."""

    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Digest, hex."""
        return hashlib.sha256(self.content).hexdigest()


def photo(name: str) -> File:
    """Draw squares in two colours that follow from a name."""
    digest = hashlib.sha256(name.encode()).digest()
    colours = digest[:3], digest[3:6]
    lines = (b"\0" + b"".join(colours[(x // _EDGE + y // _EDGE) % 2] for x in range(_WIDTH)) for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b""))
    return File(PHOTO, b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def paper(title: str) -> File:
    """Set a title of plain letters, without brackets or backslashes, on one page."""
    text = f"BT /F1 18 Tf 72 720 Td ({title}) Tj ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(content))
    return File(PAPER, content + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer)
