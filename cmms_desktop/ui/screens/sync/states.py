"""What the sync page shows, in words that are ready to draw. Frozen: the presenter makes it, the view paints it."""

from dataclasses import dataclass
from typing import Literal

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.entries import Entry


@dataclass(frozen=True, slots=True)
class Figure:
    """How many changes have come how far."""

    icon: str
    color: str
    number: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class LaneState:
    """One progress. `share` 0.0 to 1.0; None: the length is unknown, there are words only."""

    share: float | None
    words: str
    badge: BadgeSpec | None


@dataclass(frozen=True, slots=True)
class FixField:
    """One value of a refused change that can be corrected. `text`: as it is typed now."""

    name: str
    label: str
    entry: Entry
    text: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look at. `id`: a refused mutation, a draft, or the place in the inbox that a press opens.

    `open_part`: what a refused one shows below: its fields to correct, or where to export it to.
    """

    id: str
    kind: Literal["refused", "conflict", "held", "draft"]
    title: str
    badge: BadgeSpec
    text: str
    kept: tuple[str, ...] = ()
    fields: tuple[FixField, ...] = ()
    open_part: Literal["", "fix", "export"] = ""
    export_path: str = ""
    export_problem: str | None = None
    problem: str | None = None
    message: str = ""
    """What was done, such as where it was exported to."""
    withdraw_question: str = "Withdraw this change?"
    withdraw_act: str = "Withdraw change"
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A waiting change or a trouble: what, when, and a quiet remark."""

    id: str
    text: str
    time: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class SyncState:
    """The whole page."""

    headline: str = ""
    figures: tuple[Figure, ...] = ()
    changes: LaneState = LaneState(None, "", None)
    photos: LaneState = LaneState(None, "", None)
    office: LaneState = LaneState(None, "", None)
    attention: tuple[Attention, ...] = ()
    attention_title: str = ""
    attention_more: str = ""
    waiting: tuple[Line, ...] = ()
    waiting_title: str = ""
    waiting_more: str = ""
    troubles: tuple[Line, ...] = ()
    device: tuple[tuple[str, str], ...] = ()
    footer: str = ""
    footer_short: str = ""
    """The same on a small window."""
    footer_icon: str = "hard-drive"
    pause: str | None = None
    """Words of the button that pauses photos or sends them again; None: there are none to send."""
    is_paused: bool = False
    is_syncing: bool = False
