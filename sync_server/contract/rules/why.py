"""Why a value stands, in one sentence (product.md §6): from what the conflict row says, and nothing else.

The order of the server's commits decides, the state machine, who plans, or a person who settled it; a device's clock is
never a reason, so every instant here is the server's. Names, values and instants come in as words: this module knows no
language of dates and reads no row.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What is known of one field in conflict. Instants in wire form, by the server's clock; None: not known.

    `kind`, `cause`, `field` and `resolution` as in the conflict row; `mine` and `theirs` as words for a state, such as
    "on hold". `author`: whose value lost, "you" for the reader; `resolver` likewise; empty: nobody knows.
    """

    kind: str
    field: str
    cause: str | None = None
    thing: str = "record"
    mine: str = ""
    theirs: str = ""
    author: str = ""
    saved_at: str | None = None
    arrived_at: str | None = None
    resolution: str | None = None
    resolver: str = ""
    resolved_at: str | None = None
    is_settled_by_author: bool = False
    void_because: str = ""
    """Nothing is left to answer of a request: a sentence."""


Say = Callable[[str], str]
"""Says an instant with its preposition: "at 08:12", "yesterday at 08:12"."""


def why(grounds: Grounds, say: Say) -> str:
    """Say why what stands does, or how it was settled: one sentence, with its full stop."""
    if grounds.kind == "merged":
        return "Both texts stand: their changes did not touch each other."
    if grounds.void_because:
        return f"{grounds.void_because} Nothing is left to answer."
    if grounds.resolution is not None:
        return f"{_settled(grounds)}{_when(grounds.resolved_at, say)}."
    cause = grounds.cause or _BEFORE.get(grounds.kind, "")
    if cause in _REFUSED:
        return _state(grounds, _REFUSED[cause])
    if cause == "planning":
        return "The office's value stays: planning is decided there, and this is now a request."
    if cause == "deleted":
        return f"The {grounds.thing} stays deleted until somebody restores it; it was deleted{_moment(grounds, say)}."
    if cause == "saved_first":
        return f"The office's value stays: it was saved {_order(grounds, say)}."
    return "The office's value stays until somebody settles it."


_BEFORE = {"field": "saved_first", "request": "planning", "deleted": "deleted", "status": "illegal_transition"}
"""Kind → cause of a conflict from before causes were written down."""
_REFUSED = {
    "illegal_transition": "from there it cannot become {mine}",
    "not_allowed": "the step to {mine} belongs to others",
    "reason_required": "the step to {mine} came without a reason",
    "sign_off_required": "the step to {mine} came without its signature",
}


def _state(grounds: Grounds, because: str) -> str:
    if grounds.field != "status":
        return "This text stays: the state that the other one explains was not taken."
    return f"The state stays {grounds.theirs}: {because.format(mine=grounds.mine)}."


def _order(grounds: Grounds, say: Say) -> str:
    """Which of two commits was first; without the first one's instant, when the second arrived."""
    if grounds.saved_at is not None:
        return f"first, {say(grounds.saved_at)}"
    if grounds.arrived_at is not None:
        return f"before the other one arrived, {say(grounds.arrived_at)}"
    return "first"


def _moment(grounds: Grounds, say: Say) -> str:
    return " before" if grounds.saved_at is None else f" {say(grounds.saved_at)}"


def _when(at: str | None, say: Say) -> str:
    return "" if at is None else f", {say(at)}"


def _settled(grounds: Grounds) -> str:
    """Who chose what. It says what a person did, which stays true whatever comes later."""
    who = grounds.resolver or "somebody"
    if grounds.kind == "request" and grounds.resolution == "theirs" and grounds.is_settled_by_author:
        return f"{who[:1].upper()}{who[1:]} took the request back"
    said = _CHOSEN.get(grounds.kind, _CHOSEN["field"]).get(grounds.resolution or "", "{who} settled it")
    sentence = said.format(who=who, whose=_whose(grounds.author), thing=grounds.thing)
    return sentence[:1].upper() + sentence[1:]


def _whose(author: str) -> str:
    if author == "you":
        return "your"
    return f"{author}'s" if author else "the author's"


_CHOSEN = {
    "field": {
        "mine": "{who} chose {whose} value",
        "theirs": "{who} chose the office's value",
        "edited": "{who} entered a new value",
    },
    "request": {
        "mine": "{who} granted {whose} request",
        "theirs": "{who} declined {whose} request",
        "edited": "{who} answered {whose} request with another value",
    },
    "deleted": {"mine": "{who} restored the {thing}", "theirs": "{who} left the {thing} deleted"},
}
"""Kind → resolution → how it was settled."""
