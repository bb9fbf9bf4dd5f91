"""A position as a command takes it: what was measured or entered, without knowing the receiver."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where somebody was. Degrees in WGS 84; `accuracy_m` None: not said; `age_s`: seconds since it was received."""

    latitude: float
    longitude: float
    accuracy_m: float | None
    age_s: float
    source: str
    is_mock: bool = False
