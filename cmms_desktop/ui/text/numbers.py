"""Numbers in words: no trailing zeros, a space before the unit, a real minus sign, sizes and distances as people say.

Never rounds a reading or a quantity: what was entered is what is shown.
"""

from decimal import Decimal
from typing import Final

from sync_server.contract.rules.reading import decimal_text, parse_decimal

PIECES: Final = frozenset({"each", "piece", "pieces", "pcs", "pc"})
"""Units that count things."""
_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def number(value: Decimal | str | None) -> str:
    """A decimal without trailing zeros: `6.8`, `−2`; text that is no number as it stands, nothing for nothing."""
    parsed = parse_decimal(value) if isinstance(value, str) else value
    if parsed is None:
        return "" if value is None else str(value)
    text = decimal_text(parsed)
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return plain.replace("-", "−")


def with_unit(value: Decimal | str | None, unit: str | None) -> str:
    """A number with its unit: `6.8 bar`, `1 piece`, `3 pieces`."""
    text = number(value)
    if not text or not unit:
        return text
    if unit.casefold() in PIECES:
        return f"{text} {'piece' if text in {'1', '−1'} else 'pieces'}"
    return f"{text} {unit}"


def limits(minimum: Decimal | None, maximum: Decimal | None, unit: str | None) -> str:
    """`Limits 4 to 6 bar`, `At least 1 MΩ`, `At most 4.5 mm/s`; nothing without limits."""
    if minimum is not None and maximum is not None:
        return f"Limits {number(minimum)} to {with_unit(maximum, unit)}"
    if minimum is not None:
        return f"At least {with_unit(minimum, unit)}"
    return f"At most {with_unit(maximum, unit)}" if maximum is not None else ""


def excess(amount: Decimal, unit: str | None) -> str:
    """How far a reading is out of its limits: `0.8 bar above the limit`, `0.3 bar below the limit`."""
    side = "above" if amount > 0 else "below"
    return f"{with_unit(abs(amount), unit)} {side} the limit"


def size(size_bytes: int) -> str:
    """`41 MB`, `17.6 MB`, `850 kB`: a digit behind the point below twenty."""
    value, units = float(size_bytes), ["B", "kB", "MB", "GB"]
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1000, units[1:]
    unit = units[0]
    text = f"{value:.1f}".removesuffix(".0") if value < 19.95 and unit != "B" else f"{value:.0f}"
    return f"{text} {unit}"


def distance(metres: float) -> str:
    """`340 m`, `1.2 km`, `11 km`."""
    if metres < 1000:
        return f"{metres:.0f} m"
    kilometres = metres / 1000
    return f"{kilometres:.1f}".removesuffix(".0") + " km" if kilometres < 9.95 else f"{kilometres:.0f} km"


def counted(count: int, word: str, plural: str | None = None) -> str:
    """`1 photo`, `3 photos`; `plural` for words that take no s."""
    return f"{count} {word if count == 1 else plural or word + 's'}"


def ordinal(count: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`, `21st`."""
    is_teen = count % 100 in {11, 12, 13}
    return f"{count}{'th' if is_teen else _ENDINGS.get(count % 10, 'th')}"


def digest(sha256: str) -> str:
    """The first 12 digits of a digest, in fours: `9f3a 61c0 e27b`."""
    return " ".join(sha256[place : place + 4] for place in (0, 4, 8))
