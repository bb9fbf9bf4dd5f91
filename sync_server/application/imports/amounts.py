"""Reads the amounts of one column, whose decimal mark is decided once for the whole column.

`1,026.50`, `1.026,50`, `€ 1'026.50`, `(12.30)` and `-12` are amounts; `PM01` is none. `1,026` alone is nothing: other
values of the column must show what the comma means, or a person has to say it.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum

CODES = (
    "EUR|USD|GBP|AUD|CAD|NZD|CHF|JPY|CNY|RMB|INR|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|UAH|TRY|RUB|BRL|MXN|ARS|CLP|COP|PEN"
    "|ZAR|NGN|KES|EGP|MAD|SAR|AED|ILS|SGD|HKD|TWD|KRW|THB|MYR|IDR|PHP|VND|FR\\.?|KR\\.?|ZŁ|KČ|FT|LEI"
)
"""ISO 4217 codes of the currencies in which lists are kept, and a few abbreviations."""
SIGNS = "(?:A|C|R|S|AU|CA|HK|MX|NT|NZ|US)?\\$|[£¥€₩₪₫₱₴₹₺₽]"
CURRENCY_FIRST = re.compile(rf"([-+(]?)\s*(?:{CODES}|{SIGNS})\s*(?=[-+(.,]?[0-9])", re.IGNORECASE)
CURRENCY_LAST = re.compile(rf"(?<=[0-9.,)-])\s*(?:{CODES}|{SIGNS})(\)?)", re.IGNORECASE)
PLAIN = re.compile(r"([0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE]([+-]?[0-9]{1,2}))?")
GROUPED = re.compile(r"([1-9][0-9]{0,2})((?:([.,' ])[0-9]{3})(?:\3[0-9]{3})*)(?:([.,])([0-9]*))?")
SPELLINGS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2019": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " "})
"""Signs that stand for minus, apostrophe and the blank between thousands."""
LONGEST = 40


class DecimalMark(Enum):
    """What separates the fraction."""

    DOT = "decimal-dot"
    COMMA = "decimal-comma"

    @property
    def sign(self) -> str:
        """The mark itself."""
        return "." if self is DecimalMark.DOT else ","


def is_amount(text: str) -> bool:
    """Whether a text is an amount in one of the notations."""
    return any(amount_of(text, mark) is not None for mark in DecimalMark)


def possible_marks(values: Iterable[str]) -> frozenset[DecimalMark]:
    """Give the marks that a column may use, judging by the values that only one of them can read.

    Returns:
        Both when nothing decides; none when the values contradict each other.
    """
    possible = set(DecimalMark)
    for text in values:
        readable = {mark for mark in DecimalMark if amount_of(text, mark) is not None}
        if len(readable) == 1:
            possible &= readable
        if not possible:
            break
    return frozenset(possible)


def needs_mark(text: str) -> bool:
    """Whether a value is another amount when the other mark is meant."""
    one, other = (amount_of(text, mark) for mark in DecimalMark)
    return one is not None and other is not None and one != other


def amount_of(text: str, mark: DecimalMark) -> Decimal | None:
    """Read an amount; None for what is none under this mark."""
    if len(text) > LONGEST:
        return None
    digits, is_negative = _unsigned(_without_currency(text.translate(SPELLINGS).strip()))
    grouped = GROUPED.fullmatch(digits)
    if grouped is not None and grouped[3] != mark.sign and grouped[4] in (None, mark.sign):
        number = Decimal(f"{grouped[1]}{re.sub('[^0-9]', '', grouped[2])}.{grouped[5] or 0}")
    else:
        plain = PLAIN.fullmatch(digits)
        if plain is None or ({".", ","} - {mark.sign}) & set(plain[1]):
            return None
        number = Decimal(f"0{plain[1].replace(',', '.')}E{plain[2] or 0}")
    return -number if is_negative else number


def _without_currency(text: str) -> str:
    """Take away one currency, before the digits or behind them."""
    first = CURRENCY_FIRST.match(text)
    if first is not None:
        return first[1] + text[first.end() :]
    last = CURRENCY_LAST.search(text)
    return text[: last.start()] + last[1] if last is not None and last.end() == len(text) else text


def _unsigned(text: str) -> tuple[str, bool]:
    """Take away the sign, or the brackets of a credit."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text[:1] in ("-", "+"):
        return text[1:].strip(), text[0] == "-"
    return (text[:-1].strip(), True) if text.endswith("-") else (text, False)
