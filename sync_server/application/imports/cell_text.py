"""What counts as an empty cell, and how foreign text is brought into a form that can be stored and compared."""

import re
import unicodedata

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "nat", "null", "-", "--"})
"""Cells that say that there is nothing, in small letters: blanks, R's and pandas' missing values, dashes."""
NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
"""Control characters but tab and line feed, marks of byte order, halves of characters."""


def is_missing(cell: str) -> bool:
    """Whether a cell holds no value."""
    return len(cell) < 64 and cell.strip().casefold() in MISSING


def clean(cell: str) -> str:
    """Give the text in NFC without control characters and without blanks around it; line ends become line feeds."""
    lines = cell.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", NOT_TEXT.sub("", lines)).strip()


def one_line(text: str) -> str:
    """Replace tabs and line ends of cleaned text by blanks."""
    return re.sub(r"\s*[\t\n\u2028\u2029]\s*", " ", text)
