"""Offline numbers: `WO-<installation>-<n>`, given by a device that cannot ask anyone.

The short code of an installation comes from its device id. Two devices may share one (5 characters hold 33 million);
a number is then stored with `code_conflict` and never refused, so nothing here claims uniqueness.
"""

import hashlib
import re
import uuid
from collections.abc import Iterable

import msgspec

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U."""
SHORT_CODE_CHARS = 5
LARGEST = 999_999_999
PREFIX = "WO"

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_SHAPE = re.compile(r"WO-([0-9A-Z]{4,5})-([0-9]{1,9})")


class OfflineNumber(msgspec.Struct, frozen=True):
    """The parts of an offline number: short code of the installation, counter from 1."""

    installation: str
    n: int


def short_code(device_id: str) -> str:
    """Give the 5-character code of a device. Raises ValueError when `device_id` is no UUID.

    Hashed, because the first characters of a UUIDv7 are the time and alike on devices enrolled on one day.
    """
    digest = hashlib.sha256(b"cmms/short-code/v1\n" + uuid.UUID(device_id).bytes).digest()
    bits = int.from_bytes(digest[:4]) >> (32 - 5 * SHORT_CODE_CHARS)
    return "".join(ALPHABET[bits >> 5 * i & 31] for i in reversed(range(SHORT_CODE_CHARS)))


def format_number(installation: str, n: int) -> str:
    """Write an offline number. Raises ValueError for a code outside the alphabet or n outside 1…999,999,999."""
    if not 4 <= len(installation) <= SHORT_CODE_CHARS or set(installation) - set(ALPHABET):
        raise ValueError(f"{installation!r} is no short code of an installation")
    if not 1 <= n <= LARGEST:
        raise ValueError(f"{n} is outside 1 to {LARGEST}")
    return f"{PREFIX}-{installation}-{n}"


def parse_number(text: str) -> OfflineNumber | None:
    """Read an offline number as a person types it: any case, O for 0, I or L for 1, any dash, spaces around.

    Returns:
        None for every other text: other scripts' digits and letters are not guessed at.
    """
    plain = text.strip().translate(_DASHES).upper()
    match = _SHAPE.fullmatch(plain) if plain.isascii() else None
    if match is None:
        return None
    installation, n = match[1].translate(_LOOKALIKES), int(match[2])
    if set(installation) - set(ALPHABET) or n == 0:
        return None
    return OfflineNumber(installation=installation, n=n)


def next_number(installation: str, taken: Iterable[str | None]) -> str:
    """Give the number after the largest of this installation among `taken`; numbers of others are passed over.

    Raises:
        ValueError: the counter is used up.
    """
    numbers = (parse_number(text) for text in taken if text is not None)
    mine = (number.n for number in numbers if number is not None and number.installation == installation)
    return format_number(installation, max(mine, default=0) + 1)
