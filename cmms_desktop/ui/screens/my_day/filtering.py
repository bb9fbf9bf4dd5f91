"""Which orders of a day are shown: text, priorities, types, and what needs attention. Plain functions."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.day import DayCard
from cmms_desktop.application.queries.order_list import folded
from cmms_desktop.ui.text.words import PRIORITY, TYPE

_FLAGS: Final = (("open", "Not finished"), ("conflicts", "Conflicts"), ("returned", "Returned"))


@dataclass(frozen=True, slots=True)
class DayFilter:
    """What is wanted: `keys` as `priority:high`, `type:repair`, `open`, `conflicts`, `returned`."""

    text: str = ""
    keys: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many filters are in use."""
        return len(self.keys) + bool(self.text.strip())


def chips_of(cards: tuple[DayCard, ...]) -> tuple[tuple[str, str], ...]:
    """Key and word of everything that the orders of the day can be filtered by, the most urgent first."""
    priorities, types = {card.priority for card in cards}, {card.type for card in cards}
    chips = [(f"priority:{key}", word) for key, word in reversed(PRIORITY.items()) if key in priorities]
    chips += _FLAGS
    return (*chips, *((f"type:{key}", word) for key, word in TYPE.items() if key in types))


def kept_cards(cards: tuple[DayCard, ...], wanted: DayFilter) -> tuple[DayCard, ...]:
    """Give the orders that fit: one of the priorities, one of the types, every flag, every word."""
    words = folded(wanted.text).split()
    return tuple(card for card in cards if _fits(card, wanted.keys) and all(word in _said(card) for word in words))


def _fits(card: DayCard, keys: tuple[str, ...]) -> bool:
    flags = {"open": not card.is_done, "conflicts": card.conflicts > 0, "returned": card.is_returned}
    return (
        _is_among(f"priority:{card.priority}", keys)
        and _is_among(f"type:{card.type}", keys)
        and all(flags.get(key, True) for key in keys)
    )


def _is_among(key: str, keys: tuple[str, ...]) -> bool:
    kind = key.partition(":")[0]
    wanted = [each for each in keys if each.startswith(f"{kind}:")]
    return not wanted or key in wanted


def _said(card: DayCard) -> str:
    return folded(" ".join((card.number, card.title, card.site, card.location or "", card.asset or "")))
