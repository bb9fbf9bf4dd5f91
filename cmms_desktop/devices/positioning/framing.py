"""From bytes to sentences with a right checksum: the part that meets binary garbage, halves and endless lines.

Knows nothing about what a sentence means. Memory is bounded by one line of `LINE_CAP_BYTES`, time is linear, and the
result does not depend on how the bytes were cut into pieces.
"""

import re
from collections.abc import Iterator
from functools import reduce
from operator import xor

from cmms_desktop.devices.positioning.statistics import Statistics

LINE_CAP_BYTES = 1024
"""NMEA 0183 allows 82; receivers send up to about 250 ($PMTKCHN). Of a longer line only the end is kept."""

_LINE_ENDS = re.compile(rb"[\r\n]")
_CHECKED = re.compile(rb"\$([^\r\n]*?)\*([0-9A-Fa-f]{2})")
_ADDRESS = re.compile(rb"P[A-Z0-9]{3}|[A-Z]{2}[A-Z0-9]{3}(,|\Z)")
_PRINTABLE = re.compile(rb"[\x20-\x7e]*")


class LineFramer:
    """Cuts a stream into lines; of a line above the cap it keeps the last `LINE_CAP_BYTES` bytes."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._partial = bytearray()
        self._is_overlong = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take the next bytes and give the lines that they complete, without line ends, none empty."""
        *complete, rest = _LINE_ENDS.split(chunk)
        for piece in complete:
            self._append(piece)
            yield from self.finish()
        self._append(rest)

    def finish(self) -> Iterator[bytes]:
        """Give what was read of the last line."""
        line, self._partial, self._is_overlong = bytes(self._partial), bytearray(), False
        if line:
            yield line

    def _append(self, piece: bytes) -> None:
        self._partial += piece
        if len(self._partial) > LINE_CAP_BYTES:
            del self._partial[:-LINE_CAP_BYTES]
            self._statistics.overlong += not self._is_overlong
            self._is_overlong = True


def sentences_in(line: bytes, statistics: Statistics) -> Iterator[bytes]:
    """Give the sentences of a line that carry a right checksum, each from `$` to the checksum's second digit.

    A sentence reaches from its `$` to the first `*` with two hex digits. Where that fails, a later `$` inside it is
    tried: the line was cut and the next sentence began. Comment lines of recordings (`#`) are skipped uncounted.
    """
    if line.startswith(b"#"):
        return
    position = line.find(b"$")
    statistics.stray_lines += position < 0
    while position >= 0:
        match = _CHECKED.search(line, position)
        if match is None:
            statistics.no_checksum += 1
            return
        if _is_right(match, statistics):
            yield match[0]
            position = line.find(b"$", match.end())
        else:
            inner = line.rfind(b"$", match.start() + 1, match.end())
            position = inner if inner >= 0 else line.find(b"$", match.end())


def _is_right(match: re.Match[bytes], statistics: Statistics) -> bool:
    """Check address, characters and checksum of one sentence and count the outcome."""
    body, digits = match[1], match[2]
    if _ADDRESS.match(body) is None:
        statistics.unparsable += 1
        return False
    if reduce(xor, body, 0) != int(digits, 16):
        statistics.bad_checksum += 1
        return False
    if _PRINTABLE.fullmatch(body) is None:
        statistics.unparsable += 1
        return False
    statistics.sentences += 1
    return True
