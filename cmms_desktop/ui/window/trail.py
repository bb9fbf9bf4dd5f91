"""Where a person is and where *back* leads, kept so that a restart finds the same page. Plain Python, no widgets."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from cmms_desktop.ui.bridge.doors import Drafts, Place

NOTE: Final = "window:trail"
LONGEST: Final = 12
"""Steps that *back* remembers."""

_DECODER: Final = msgspec.json.Decoder(list[tuple[str, list[tuple[str, str]]]])


@dataclass(slots=True)
class Trail:
    """The places from the first to the one on top, never empty. `known` are the pages that exist."""

    drafts: Drafts
    home: Place
    known: frozenset[str]
    _steps: list[Place] = field(init=False)

    def __post_init__(self) -> None:
        """Find the steps that were kept; what cannot be read, or names a page that is gone, is left out."""
        self._steps = [place for place in self._kept() if place.page in self.known] or [self.home]

    @property
    def top(self) -> Place:
        """The place that is shown."""
        return self._steps[-1]

    def go(self, place: Place) -> None:
        """Put a place on top; the same page with the same values is not put there twice."""
        if place != self.top:
            self._steps = [*self._steps, place][-LONGEST:]
        self._keep()

    def go_to_root(self, place: Place) -> None:
        """Begin anew at a place of the rail; *back* leads home."""
        self._steps = [self.home, place] if place.page != self.home.page else [place]
        self._keep()

    def replace(self, place: Place) -> None:
        """Change what the place on top shows."""
        self._steps[-1] = place
        self._keep()

    def back(self) -> Place:
        """Drop the place on top and give the one that is on top now."""
        if len(self._steps) > 1:
            self._steps.pop()
        else:
            self._steps = [self.home]
        self._keep()
        return self.top

    def _keep(self) -> None:
        lines = [(place.page, list(place.values)) for place in self._steps]
        self.drafts.keep(NOTE, msgspec.json.encode(lines).decode())

    def _kept(self) -> list[Place]:
        text = self.drafts.get(NOTE)
        try:
            lines = _DECODER.decode(text) if text else []
        except msgspec.DecodeError:
            return []
        return [Place(page, tuple((name, value) for name, value in values)) for page, values in lines]
