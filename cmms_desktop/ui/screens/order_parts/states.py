"""What the Parts page of an order shows, as frozen values in words."""

from dataclasses import dataclass

from cmms_desktop.ui.text.badge import BadgeSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """A planned or used part. `action`: what its button says, "" for none."""

    id: str
    text: str
    detail: str
    badge: BadgeSpec | None
    action: str


@dataclass(frozen=True, slots=True)
class PartChoice:
    """A part that was found. `detail`: where it lies."""

    id: str
    text: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveState:
    """Taking a part or putting it back. `places`: id and words of where; `hint`: what happens if there are too few."""

    part: str
    unit: str
    places: tuple[tuple[str, str], ...]
    place_id: str
    quantity: str
    act: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsState:
    """The page."""

    planned: tuple[PartRow, ...]
    used: tuple[PartRow, ...]
    requests: tuple[PartRow, ...]
    as_of: str
    may_use: bool
