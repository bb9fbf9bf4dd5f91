"""What a wedge scanner or a person typed, as a code to look up. Pure text: nothing is opened, resolved or fetched."""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

CODE_CAP = 200
"""Longest code kept, in characters."""

READ_CAP = 4096
"""Longest burst looked at, in characters; a QR code holds at most 4,296."""

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""AIM symbology identifier, ISO/IEC 15424: `]Q3` QR code with GS1 data, `]C1` GS1-128, `]d2` GS1 DataMatrix."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def normalise_code(text: str) -> str:
    """Give the code in a scanner's burst or a typed line: at most 200 characters, "" when there is none.

    Enter and other control characters, invisible marks, surrounding blanks and a symbology prefix go; case stays.
    Of a web address the last part of its path is the code; it is only looked up, never opened. An address without a
    path stays as it is. A code that went through once stays the same.
    """
    code = _visible(text[:READ_CAP])
    while (shorter := _visible(_unwrapped(code))) != code:
        code = shorter
    return code[:CODE_CAP].rstrip()


def _visible(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return "".join(char for char in composed if unicodedata.category(char) not in _UNSEEN).strip()


def _unwrapped(code: str) -> str:
    """Take one wrapping off: a symbology prefix, or the address around a code."""
    prefix = _SYMBOLOGY.match(code)
    if prefix is not None:
        return code[prefix.end() :]
    return _last_path_part(code) if _ADDRESS.match(code) else code


def _last_path_part(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:  # a malformed host; it is a code like any other then
        return address
    parts = [part for part in path.split("/") if part.strip()]
    return unquote(parts[-1], errors="ignore") if parts else address
