"""What a person may choose to unlock the local store with. Pure; the server has its own rules for its passwords."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Final

from cmms_desktop.errors import Refused

PIN_DIGITS_MIN: Final = 6
"""Four digits fall in minutes once the keyring and the disk are both copied."""
PASSWORD_CHARACTERS_MIN: Final = 8
SECRET_CHARACTERS_MAX: Final = 256
ROLES_WITH_PASSWORD: Final = frozenset({"manager", "admin"})
NO_PINS: Final = "Your organization asks for a password with letters, not only digits, on its devices."


def is_pin(secret: str) -> bool:
    """Tell whether the secret is digits only, of any script or shape (NFKC turns a circled 1 into 1)."""
    return unicodedata.normalize("NFKC", secret).isdecimal()


def may_be_password(secret: str) -> bool:
    """Tell whether a server can know the secret. Digits too few for its passwords are a PIN, which leaves no device."""
    return not is_pin(secret) or len(secret) >= PASSWORD_CHARACTERS_MIN


def may_unlock_with_pin(role: str, *, takes_pins: bool = True) -> bool:
    """Tell whether digits alone are enough for this role; `takes_pins`: the organization lets anybody use them."""
    return takes_pins and role not in ROLES_WITH_PASSWORD


def require_no_pin(secret: str) -> None:
    """Refuse digits alone where the organization takes none. Raises Refused: ``secret_too_weak``."""
    if is_pin(secret):
        raise Refused("secret_too_weak", NO_PINS)


def require_strong_enough(secret: str, role: str, *, takes_pins: bool = True) -> None:
    """Refuse a secret that is too easy for what it protects.

    Raises:
        Refused: ``secret_too_weak`` with what to change.
    """
    if len(secret) > SECRET_CHARACTERS_MAX:
        raise Refused("secret_too_weak", f"At most {SECRET_CHARACTERS_MAX} characters, please.")
    if not is_pin(secret):
        if len(secret) < PASSWORD_CHARACTERS_MIN:
            raise Refused("secret_too_weak", f"A password needs at least {PASSWORD_CHARACTERS_MIN} characters.")
        return
    if not takes_pins:
        require_no_pin(secret)
    if not may_unlock_with_pin(role):
        raise Refused("secret_too_weak", "Your role needs a password, not only digits.")
    if len(secret) < PIN_DIGITS_MIN:
        raise Refused("secret_too_weak", f"A PIN needs at least {PIN_DIGITS_MIN} digits.")
    if _is_obvious(secret):
        raise Refused("secret_too_weak", "This PIN is among the first anybody tries. Choose another.")


def _is_obvious(pin: str) -> bool:
    """Tell whether each digit follows the one before by the same step of −1, 0 or +1 (111111, 123456, 987654)."""
    digits = [int(digit) for digit in unicodedata.normalize("NFKC", pin)]
    steps = {(after - before) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1 and steps <= {0, 1, 9}
