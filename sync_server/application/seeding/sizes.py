"""How much a seed makes: demonstrations are `small`; `medium` and `large` are many organizations to measure with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SITES, TECHNICIANS = 10, 20


@dataclass(frozen=True, slots=True)
class Size:
    """What a seed makes, besides what a small demonstration has of everything.

    Attributes:
        organizations: How many; their slugs are `seed-00`, `seed-01` and so on.
        orders: In each of them, from all of its time.
        assets: In each of them, with a meter each.
        readings: In each of them, of all meters in turn.
    """

    organizations: int
    orders: int = 20_000
    assets: int = 4_000
    readings: int = 100_000


SIZES: Final[Mapping[str, Size]] = {"medium": Size(organizations=5), "large": Size(organizations=50)}
"""Besides `small`: 100,000 orders, 20,000 assets and 500,000 readings in all, or ten times as many."""
