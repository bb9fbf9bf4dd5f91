"""Amounts of money, between what people write and the smallest unit of a currency.

Which order a cost may be for is judged where everything is that a change names (`naming.py` of the server).
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sync_server.contract.codec import InvalidValueError
from sync_server.contract.entities.costs import CURRENCIES
from sync_server.contract.fields import Row

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_AMOUNT = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,3})?")
MOST_MINOR = 10**12


def digits_of(currency: str) -> int:
    """Decimal digits of a currency: 2 for most, and for one that is not known."""
    return 0 if currency in _WHOLE.split() else 3 if currency in _THOUSANDTHS.split() else 2


def minor_of(text: str, currency: str) -> int:
    """Read an amount as people write it, with a point or a comma, as a number of smallest units.

    Raises:
        InvalidValueError: it is no positive amount of that currency; the message is the beginning of a sentence.
    """
    plain, digits = text.strip(), digits_of(currency)
    if currency not in CURRENCIES:
        raise InvalidValueError("The currency is a code of three letters, such as EUR")
    if not _AMOUNT.fullmatch(plain):
        raise InvalidValueError("The amount is a number above zero, such as 12.50")
    minor = Decimal(plain.replace(",", ".")).scaleb(digits)
    if minor != minor.to_integral_value():
        raise InvalidValueError(f"An amount in {currency} has {digits or 'no'} digits behind the point")
    if not 1 <= minor <= MOST_MINOR:
        raise InvalidValueError("The amount is a number above zero, such as 12.50")
    return int(minor)


def amount_text(minor: int, currency: str) -> str:
    """Write an amount: `12.50 EUR`."""
    digits = digits_of(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f} {currency}"


def sums(rows: Iterable[Row]) -> Mapping[str, int]:
    """Sum up costs by currency; none is ever turned into another."""
    found: dict[str, int] = {}
    for row in rows:
        currency = str(row["currency"])
        found[currency] = found.get(currency, 0) + int(row["amount_minor"] or 0)
    return found
