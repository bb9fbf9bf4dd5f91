"""How much of everything a demonstration organization has."""

from collections.abc import Mapping
from dataclasses import dataclass

ORDERS = {
    "new": 34, "assigned": 72, "in_progress": 26, "on_hold": 16, "completed": 30, "closed": 42, "cancelled": 10,
    "rejected": 10,
}  # fmt: skip
"""State → number of orders; 240 in all."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site of a demonstration: in the middle of an ocean, so that nobody lives there."""

    letter: str
    name: str
    latitude: float
    longitude: float
    fence_radius_m: float


@dataclass(frozen=True, slots=True)
class Profile:
    """One demonstration organization.

    Attributes:
        sites: An even number; the two of each pair share people.
        orders: State → number.
        today: How many of the assigned ones are the first technician's, today, in route order.
        for_team: How many of the assigned ones are the first team's.
        extends: Whether it has a look, words, tags, fields and vendors of its own. One of the demonstrations appears
            as the program comes.
    """

    slug: str
    name: str
    seed: int
    sites: tuple[Site, ...]
    technicians: int
    assets: int
    parts: int
    orders: Mapping[str, int]
    today: int
    for_team: int
    extends: bool = False


UTILITIES = Profile(
    slug="demo-utilities",
    name="Demo Utilities",
    seed=20_260_301,
    sites=(
        Site("N", "North", 45.0200, -30.0000, 50.0),
        Site("E", "East", 45.0000, -29.9700, 80.0),
        Site("S", "South", 44.9800, -30.0100, 120.0),
        Site("W", "West", 45.0050, -30.0400, 150.0),
    ),
    technicians=6,
    assets=300,
    parts=60,
    orders=ORDERS,
    today=25,
    for_team=8,
)
HOSPITAL = Profile(
    slug="demo-hospital",
    name="Demo Hospital",
    seed=20_260_302,
    sites=(Site("N", "North", 44.5200, -31.0000, 60.0), Site("S", "South", 44.5000, -31.0200, 90.0)),
    technicians=2,
    assets=60,
    parts=20,
    orders={state: max(1, number // 6) for state, number in ORDERS.items()},
    today=6,
    for_team=2,
    extends=True,
)
PROFILES = (UTILITIES, HOSPITAL)
