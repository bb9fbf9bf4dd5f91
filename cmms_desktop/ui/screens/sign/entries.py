"""What was half entered on the way to a signature, kept at each change: ink, the customer's choice, name and reason."""

import json
from typing import Final, get_args

from cmms_desktop.ui.bridge.doors import Drafts
from cmms_desktop.ui.screens.sign.state import Choice, Ink, Kept
from sync_server.contract.problems import Problem
from sync_server.contract.rules.ink import Strokes, ink_text

_NAMES: Final = ("ink", "customer", "customer-ink", "customer-name", "customer-reason")


class Entries:
    """The drafts of one order's signing."""

    def __init__(self, drafts: Drafts, order_id: str) -> None:
        self._drafts, self._order_id = drafts, order_id

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all its drafts."""
        return tuple(self._name(name) for name in _NAMES)

    def load(self) -> Kept:
        """Give what is kept; a draft that cannot be read is none."""
        texts = {name: self._drafts.get(self._name(name)) or "" for name in _NAMES}
        choices: dict[str, Choice] = {word: word for word in get_args(Choice)}
        return Kept(
            ink=_ink_of(texts["ink"]),
            customer_ink=_ink_of(texts["customer-ink"]),
            name=texts["customer-name"],
            reason=texts["customer-reason"],
            choice=choices.get(texts["customer"], ""),
        )

    def keep_ink(self, strokes: Strokes) -> None:
        """Keep the technician's ink."""
        self._drafts.keep(self._name("ink"), _text_of(strokes))

    def keep_customer_ink(self, strokes: Strokes) -> None:
        """Keep the customer's ink."""
        self._drafts.keep(self._name("customer-ink"), _text_of(strokes))

    def keep_choice(self, choice: Choice) -> None:
        """Keep what the customer does."""
        self._drafts.keep(self._name("customer"), choice)

    def keep_name(self, name: str) -> None:
        """Keep the customer's name."""
        self._drafts.keep(self._name("customer-name"), name)

    def keep_reason(self, reason: str) -> None:
        """Keep the reason of a refusal."""
        self._drafts.keep(self._name("customer-reason"), reason)

    def drop(self) -> None:
        """Forget all of it: it was signed."""
        for name in self.names:
            self._drafts.drop(name)

    def _name(self, name: str) -> str:
        return f"sign-{name}:{self._order_id}"


def ink_problem(strokes: Strokes) -> str:
    """Say why a drawing cannot be signed; empty: it can."""
    judged = ink_text(strokes)
    return judged.sentence if isinstance(judged, Problem) else ""


def _text_of(strokes: Strokes) -> str:
    return json.dumps([[list(point) for point in stroke] for stroke in strokes]) if strokes else ""


def _ink_of(text: str) -> Ink:
    try:
        strokes = json.loads(text) if text else []
        ink = tuple(tuple((int(x), int(y), int(ms)) for x, y, ms in stroke) for stroke in strokes)
    except (ValueError, TypeError):
        return ()
    return () if ink_problem(ink) else ink
