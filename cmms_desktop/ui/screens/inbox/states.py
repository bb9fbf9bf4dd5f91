"""What the inbox shows, in words that are ready to draw. Frozen values: the presenter makes them, the view paints."""

from dataclasses import dataclass
from typing import Literal

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.entries import Entry
from cmms_desktop.ui.text.faces import ReviewRowFace, SectionRow
from cmms_desktop.ui.text.word_diff import Span

Choice = Literal["", "mine", "theirs", "edited"]
"""What is kept: the author's value, the office's, a third one; "": nothing chosen yet."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One row of the list. `id`: aggregate of a group of conflicts, or `held:` and a held change."""

    id: str
    face: ReviewRowFace


@dataclass(frozen=True, slots=True)
class ValueFace:
    """One value of a field. `marks` are the words that changed; a badge stands instead of the text of a word."""

    text: str
    marks: tuple[Span, ...] = ()
    badge: BadgeSpec | None = None
    is_quiet: bool = False
    """It says that there is nothing, or that it is deleted."""


@dataclass(frozen=True, slots=True)
class FieldBlock:
    """One field in conflict. `entry` None: no third value can be entered; `keep_mine` None: it may not be kept."""

    id: str
    label: str
    sentence: str
    before: ValueFace
    mine: ValueFace
    theirs: ValueFace
    keep_mine: str | None
    keep_theirs: str | None
    kept_mine: str
    kept_theirs: str
    choice: Choice = ""
    entry: Entry | None = None
    text: str = ""
    """The third value as it is typed."""
    problem: str | None = None
    note: str = ""
    """Once settled: by whom, when and why."""


@dataclass(frozen=True, slots=True)
class Head:
    """Heading of a column: whose value, and since when."""

    icon: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class ConflictDetail:
    """The conflicts of one order or asset. `order_id` "": there is none to open."""

    id: str
    order_id: str
    title: str
    number: str
    facts: tuple[str, ...]
    badge: BadgeSpec
    heads: tuple[Head, Head, Head]
    blocks: tuple[FieldBlock, ...]
    is_settled: bool
    reason: str = ""
    reason_hint: str = ""
    problem: str | None = None
    action: str = ""
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class HeldDetail:
    """A change that a supervisor decides about. `pairs`: caption and value of what was changed."""

    id: str
    order_id: str
    title: str
    number: str
    badge: BadgeSpec
    sentence: str
    pairs: tuple[tuple[str, str], ...]
    may_decide: bool
    reason: str = ""
    problem: str | None = None
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class InboxState:
    """The whole page. `open_words`, `settled_words`: the two choices above the list, with their counts."""

    tab: Literal["open", "settled"] = "open"
    open_words: str = "Open"
    settled_words: str = "Settled"
    rows: tuple[InboxRow | SectionRow, ...] = ()
    selected: str = ""
    detail: ConflictDetail | HeldDetail | None = None
    empty_title: str = ""
    empty_text: str = ""
    note: str = ""
