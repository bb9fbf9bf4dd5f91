"""Numbers as people type and read them: decimal comma or point, limits of a reading.

Never a float: what was typed keeps its places, because 4.20 and 4.2 are different evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_server.contract.fields import Scalar

# ASCII digits only: Decimal() would also take other scripts' digits, `inf`, `nan`, `1e999` and `1_0`.
_NUMBER = re.compile(r"[+-]?([0-9]{1,10}([.,][0-9]{0,9})?|[.,][0-9]{1,9})")
_MINUS = str.maketrans({"\u2212": "-"})


def parse_decimal(text: str) -> Decimal | None:
    """Read a number with at most 10 digits before and 9 after a decimal comma or point; spaces around are allowed.

    Returns:
        None for anything else: grouped thousands, exponents, other scripts' digits, NaN, infinity.
    """
    if len(text) > 100:
        return None
    plain = text.strip().translate(_MINUS)
    return Decimal(plain.replace(",", ".")) if _NUMBER.fullmatch(plain) else None


def decimal_text(number: Decimal) -> str:
    """Write a number with a point, without exponent, plus sign or a negative zero, keeping its places."""
    return format(number if number else abs(number), "f")


def limits_of(item: Mapping[str, Scalar]) -> tuple[Decimal | None, Decimal | None]:
    """Give the lowest and highest value that is in order (inclusive); None where there is no limit."""
    low, high = item.get("minimum"), item.get("maximum")
    return (None if low is None else parse_decimal(str(low)), None if high is None else parse_decimal(str(high)))


def is_within(number: Decimal, limits: tuple[Decimal | None, Decimal | None]) -> bool:
    """Whether a number lies between limits, both inclusive."""
    low, high = limits
    return (low is None or number >= low) and (high is None or number <= high)


def limits_text(item: Mapping[str, Scalar]) -> str:
    """Name the limits for a sentence: `between 2 and 4.5 bar`, `at least 2 bar`; empty without limits."""
    low, high = (None if limit is None else _short(limit) for limit in limits_of(item))
    unit = f" {item['unit']}" if item.get("unit") else ""
    if low is not None and high is not None:
        return f"between {low} and {high}{unit}"
    if low is not None:
        return f"at least {low}{unit}"
    return "" if high is None else f"at most {high}{unit}"


def _short(number: Decimal) -> str:
    text = decimal_text(number)
    return text.rstrip("0").rstrip(".") if "." in text else text
