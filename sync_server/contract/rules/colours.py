"""What counts as a colour: the one form in which it is kept. Pure."""

import re
from typing import Final

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


def colour_of(text: str | None) -> str | None:
    """Give a colour as `#rrggbb` in small letters; None for what is none, however it came there."""
    found = (text or "").strip().lower()
    return found if _COLOUR.fullmatch(found) else None
