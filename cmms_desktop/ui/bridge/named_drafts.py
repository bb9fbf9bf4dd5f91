"""Drafts about an order, kept together with its name: when the order leaves, they can still be told from each other."""

from collections.abc import Callable

from cmms_desktop.application.queries.half_entered import TOLD, about_of, kind_of
from cmms_desktop.ui.bridge.doors import Drafts


class NamedDrafts:
    """The drafts of a person, noting beside each typed text what `name` says of its order at that moment."""

    def __init__(self, drafts: Drafts, name: Callable[[], str]) -> None:
        """Lay it over the drafts."""
        self._drafts, self._name = drafts, name

    def get(self, name: str) -> str | None:
        """Give a draft; None: there is none."""
        return self._drafts.get(name)

    def keep(self, name: str, text: str) -> None:
        """Keep a draft; empty text drops it."""
        self._drafts.keep(name, text)
        if kind_of(name) in TOLD and (not text or (about := self._name())):
            self._drafts.keep(about_of(name), about if text else "")

    def drop(self, name: str) -> None:
        """Forget a draft."""
        self.keep(name, "")

    def hold(self, thing: str, holder: object) -> bool:
        """Say who half enters things about a thing from now on. True: somebody else did since."""
        return self._drafts.hold(thing, holder)
