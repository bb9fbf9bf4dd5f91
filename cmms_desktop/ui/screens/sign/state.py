"""What the signing screen shows, as frozen values. Words are ready to draw; nothing here knows a widget."""

from dataclasses import dataclass
from typing import Literal

from cmms_desktop.ui.text.badge import BadgeSpec

Step = Literal["waiting", "gone", "answers", "technician", "customer", "locked"]
Choice = Literal["", "accept", "refuse", "absent"]
Ink = tuple[tuple[tuple[int, int, int], ...], ...]
"""Strokes of points: x, y, milliseconds."""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line inside a part of the record, such as an exception: icon in a tone, number, title, what was recorded."""

    icon: str
    tone: str
    number: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RecordPart:
    """A part of the record under its label: Visit, Checklist, Parts, Photos."""

    id: str
    label: str
    text: str
    badges: tuple[BadgeSpec, ...] = ()
    lines: tuple[RecordLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of the whole record, rendered from the bytes. `is_title`: a heading over the lines that follow."""

    id: str
    label: str
    text: str
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What is signed. `digits` are the first 12 hex digits of its bytes; empty while it cannot be signed yet."""

    sentence: str
    digits: str
    parts: tuple[RecordPart, ...]
    details: tuple[Detail, ...]
    not_included: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer that has to be given first: "2.4", "Shaft seal free of leaks"."""

    id: str
    number: str
    prompt: str


@dataclass(frozen=True, slots=True)
class SignatureFace:
    """A statement that is on record already."""

    id: str
    icon: str
    tone: str
    title: str
    detail: str
    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignState:
    """The whole screen at one moment."""

    step: Step = "waiting"
    has_texts: bool = False
    """The order is gone, and something that was half written about such orders is kept elsewhere."""
    number: str = ""
    title: str = ""
    asset: str = ""
    missing: tuple[Missing, ...] = ()
    record: Record | None = None
    blocked: str = ""
    """Why the record cannot be signed now; empty: it can."""
    notice: str = ""
    """What happened since, such as that the record changed."""
    facts: tuple[tuple[str, str], ...] = ()
    choice: Choice = ""
    said: str = ""
    """What the customer said already, while the order still has to be completed."""
    has_hand: bool = False
    """The technician proved who he is a moment ago, so he is not asked again for the customer's statement."""
    signatures: tuple[SignatureFace, ...] = ()
    outcome: str = ""
    next_steps: tuple[str, ...] = ()
    is_open_for_customer: bool = False
    """The record is locked, nobody asked the customer, and the supervisor has not decided yet."""
    is_late: bool = False
    """The customer answers after the record was locked."""
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class SignProblem:
    """What stops a step, beside the field that can change it: ink, secret, name, reason; empty: beside the button."""

    field: Literal["ink", "secret", "name", "reason", ""] = ""
    sentence: str = ""


NO_PROBLEM = SignProblem()


@dataclass(frozen=True, slots=True)
class Kept:
    """What was half entered before the program ended, to be shown again."""

    ink: Ink = ()
    customer_ink: Ink = ()
    name: str = ""
    reason: str = ""
    choice: Choice = ""
