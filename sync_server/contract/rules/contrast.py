"""Whether a colour can be told from what it lies on: the contrast of WCAG 2.2, and the grounds of the design. Pure."""

from typing import Final

LEAST: Final = 3.0
"""For what is no text (WCAG 2.2, 1.4.11); `resources/styles/tokens.json` says the same."""
LIGHT_GROUNDS: Final = ("#f1f4f5", "#ffffff")
"""Page and card of the light theme; those of the sunlight theme are white."""
DARK_GROUNDS: Final = ("#0f171c", "#182329")
"""Page and card of the dark theme."""


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours `#rrggbb`, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def stands_out(colour: str, grounds: tuple[str, ...]) -> bool:
    """Tell whether a colour `#rrggbb` can be told from each of the grounds."""
    return all(contrast(colour, ground) >= LEAST for ground in grounds)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
