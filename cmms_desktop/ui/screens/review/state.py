"""What the review shows, as frozen values with words that are ready to draw. Nothing here knows a widget."""

from dataclasses import dataclass
from typing import Literal

from cmms_desktop.ui.screens.sign.state import Detail, SignatureFace
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.faces import ReviewRowFace, SectionRow, TimelineFace

Tab = Literal["pending", "returned", "approved"]
Mode = Literal["", "approve", "return"]
Meaning = Literal["reviewed", "approved"]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One order of the queue; `said` is the row as a sentence."""

    id: str
    face: ReviewRowFace
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The list: its three parts with their counts, and the rows of the one that is shown."""

    tab: Tab = "pending"
    tab_words: tuple[tuple[str, str], ...] = (
        ("pending", "Pending"),
        ("returned", "Returned"),
        ("approved", "Approved"),
    )
    rows: tuple[QueueRow | SectionRow, ...] = ()
    selected: str = ""
    empty: tuple[str, str] = ("", "")
    sites: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to look at: a failed item, a reading out of its limits, an arrival outside, a refusal.

    `gauge`: lowest, highest, last and present value. `link`: place of what belongs to it, such as a follow-up order.
    """

    id: str
    icon: str
    color: str
    title: str
    text: str = ""
    badge: BadgeSpec | None = None
    photos: tuple[str, ...] = ()
    gauge: tuple[str, str, str, str] | None = None
    link: tuple[str, str] | None = None
    """Id of an order, or "" for the inbox, and the words of the button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """A part that is folded up: a title, what it holds in short, and its lines."""

    id: str
    title: str
    trailing: str = ""
    badges: tuple[BadgeSpec, ...] = ()
    lines: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One thing that happened; `said` reads it as a sentence."""

    id: str
    face: TimelineFace
    said: str


@dataclass(frozen=True, slots=True)
class Seal:
    """What this device knows of the performer's signature."""

    icon: str
    tone: str
    word: str
    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOrder:
    """One order under review. `message`: kind, title and text of a banner on top."""

    id: str
    number: str
    title: str
    facts: tuple[str, ...]
    badges: tuple[BadgeSpec, ...]
    seal: Seal | None
    message: tuple[str, str, str] | None
    findings: tuple[Finding, ...]
    folds: tuple[Fold, ...]
    signatures: tuple[SignatureFace, ...]
    timeline: tuple[TimelineRow, ...]
    day: str
    """Day of the times in the timeline that say none."""
    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionState:
    """What may be decided, and what is being decided. `blocked`: why nothing may be; `problem` beside its field."""

    is_possible: bool = False
    blocked: str = ""
    mode: Mode = ""
    meaning: Meaning = "approved"
    number: str = ""
    is_busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewState:
    """The whole screen at one moment. `order` None: none is chosen, or it is still being read."""

    queue: QueueState
    order: ReviewOrder | None = None
    decision: DecisionState = DecisionState()


@dataclass(frozen=True, slots=True)
class DecisionProblem:
    """What stops a decision: beside the `secret` or the `reason`, or, with neither, beside the buttons."""

    field: Literal["secret", "reason", ""] = ""
    sentence: str = ""


NO_PROBLEM = DecisionProblem()
