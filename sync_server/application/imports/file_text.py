"""Opens a file that somebody says is CSV and gives its text, or one sentence why it cannot be that.

Recognizes what people really hand in by mistake: workbooks, archives, PDFs, pictures, folders. Never guesses at bytes
that are neither UTF-8, UTF-16 with a mark, nor Windows-1252.
"""

import codecs
import hashlib
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from sync_server.errors import Refused

LARGEST_FILE_BYTES = 64 * 1024 * 1024
"""A million rows of sixty characters; read as a whole, because deciding what a column means needs every row."""

KNOWN_FORMATS = (
    (b"PK\x03\x04", "it is a ZIP archive or an Excel workbook; save the sheet as CSV first"),
    (b"PK\x05\x06", "it is an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is an old Excel workbook; save the sheet as CSV first"),
    (b"%PDF", "it is a PDF document"),
    (b"\x1f\x8b", "it is compressed with gzip; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd; unpack it first"),
    (b"SQLite format 3\0", "it is an SQLite database"),
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
    (b"GIF8", "it is a picture"),
    (b"{\\rtf", "it is an RTF document"),
    (b"<", "it is an XML or HTML document"),
    (b"{", "it is a JSON document"),
    (b"[{", "it is a JSON document"),
    (b"[[", "it is a JSON document"),
)
"""First bytes (after a byte order mark and blanks) → what the file is instead."""

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
WITHOUT_MARK = (("utf-8", "UTF-8"), ("cp1252", "Windows-1252"))

UNWRITTEN = re.compile("[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")
"""Control characters that no text uses: neither tab, line ends, form feed nor DOS end of file."""
LARGEST_SHARE_UNWRITTEN = 0.01
FEW_UNWRITTEN = 8
"""So many are met in the shortest text; they are taken out of the cells."""


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a file without its byte order mark, line ends as they were."""

    name: str
    text: str
    encoding: str
    """For people, e.g. `UTF-8`."""
    sha256: str
    """Of the bytes of the file, hex."""


def printable(text: str, *, most: int = 60) -> str:
    """Shorten foreign text and take out what would break or disguise a sentence."""
    plain = "".join(character if character.isprintable() else " " for character in text).strip()
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def not_csv(name: str, why: str) -> Refused:
    """Make the refusal of a file that is something else; `why` completes the sentence, without a full stop."""
    return Refused("bad_request", f"{name} is not a CSV file: {why}.")


def read_text(path: Path) -> FileText:
    """Read a file of at most LARGEST_FILE_BYTES.

    Raises:
        Refused: It is missing, no file, too large, or no text; the sentence names the file.
    """
    name = printable(path.name or str(path), most=120)
    content = _content(path, name)
    mark, candidates = _marked(content)
    body = content[len(mark) :]
    start = body[:64].lstrip()
    for first, what in KNOWN_FORMATS:
        if start.startswith(first):
            raise not_csv(name, what)
    text, encoding = _decoded(body, candidates, name)
    if not text.strip("\x1a\ufeff \t\r\n"):
        raise not_csv(name, "it is empty")
    if "\0" in text or len(UNWRITTEN.findall(text)) > max(FEW_UNWRITTEN, LARGEST_SHARE_UNWRITTEN * len(text)):
        raise not_csv(name, "it holds binary data")
    return FileText(name, text, encoding, hashlib.sha256(content).hexdigest())


def _content(path: Path, name: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise not_csv(name, "it is a folder")
        if not stat.S_ISREG(mode):
            raise not_csv(name, "it is a device or a pipe")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise Refused("bad_request", f"{name} cannot be read: there is no such file.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "the path is not one"
        raise Refused("bad_request", f"{name} cannot be read: {reason.lower()}.") from error
    if len(content) > LARGEST_FILE_BYTES:
        raise Refused(
            "bad_request", f"{name} is larger than {LARGEST_FILE_BYTES // 1024**2} MiB; import it in several parts."
        )
    return content


def _marked(content: bytes) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """Give the byte order mark, empty for none, and the encodings it leaves possible."""
    for mark, codec, label in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return mark, ((codec, label),)
    return b"", WITHOUT_MARK


def _decoded(body: bytes, candidates: tuple[tuple[str, str], ...], name: str) -> tuple[str, str]:
    for codec, label in candidates:
        try:
            return body.decode(codec), label
        except UnicodeDecodeError:
            continue
    raise not_csv(name, f"its characters are not {' or '.join(label for _, label in candidates)}")
