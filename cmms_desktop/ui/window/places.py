"""Which places a person finds in rail and bottom bar, by role. Plain values."""

from dataclasses import dataclass
from typing import Final

from sync_server.contract.rules.sign_off import REVIEWERS


@dataclass(frozen=True, slots=True)
class NavPlace:
    """One place of the rail. `icon` is a name of the tokens."""

    page: str
    icon: str
    word: str


MY_DAY: Final = NavPlace("my_day", "my-day", "My day")
REVIEW: Final = NavPlace("review", "review", "Review")
ORDERS: Final = NavPlace("orders", "orders", "Orders")
ASSETS: Final = NavPlace("assets", "assets", "Assets")
PARTS: Final = NavPlace("parts", "parts", "Parts")
INBOX: Final = NavPlace("inbox", "inbox", "Inbox")
SYNC: Final = NavPlace("sync", "sync", "Sync")
SETTINGS: Final = NavPlace("settings", "settings", "Settings")
ABOUT: Final = NavPlace("about", "info", "About")


def places_for(role: str) -> tuple[NavPlace, ...]:
    """Give the places of the rail from top to bottom; Ctrl+1 … Ctrl+6 open them in this order."""
    first = REVIEW if role in REVIEWERS else MY_DAY
    return (first, ORDERS, ASSETS, PARTS, INBOX, SYNC)


def places_of_bottom_bar(role: str) -> tuple[NavPlace, ...]:
    """Give the places of the bottom bar; *More* shows the rest."""
    first, orders, _, parts, inbox, _ = places_for(role)
    return (first, orders, parts, inbox)


def further_places(role: str) -> tuple[NavPlace, ...]:
    """Give the places behind *More*."""
    shown = places_of_bottom_bar(role)
    return (*(place for place in places_for(role) if place not in shown), SETTINGS, ABOUT)
