"""What a badge says: a word, an icon and a kind, in this order of importance."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BadgeSpec:
    """One badge. `kind` names its colours: neutral, accent, success, warning, danger, danger-fill, info, state-…."""

    kind: str
    icon: str
    text: str
