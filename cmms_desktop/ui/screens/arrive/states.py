"""What the arrive sheet shows, in words that are ready. Frozen values without Qt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cmms_desktop.application.queries.arrival import ArrivalPlace, ArrivalPreview
from cmms_desktop.ui.text import arrival_words as words
from cmms_desktop.ui.text.moments import Moments, clock_offset, seconds
from cmms_desktop.ui.text.numbers import distance
from cmms_desktop.ui.text.words import SOURCE, word

Phase = Literal["locating", "placed", "no_fix"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the person said so far. `choice`: continue or wrong_address; `chip`: one of the usual reasons."""

    choice: str = "continue"
    chip: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the things that may be right."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, in metres east and north of the fence's centre. `radius_m` 0: there is no fence."""

    radius_m: float = 0.0
    has_device: bool = False
    east_m: float = 0.0
    north_m: float = 0.0
    accuracy_m: float = 0.0
    fence_label: str = ""
    device_label: str = ""
    gap_label: str = ""
    """How far the device is outside; empty: it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArriveState:
    """The sheet. Without `choices` the arrival is confirmed by the one button."""

    title: str
    detail: str
    banner: words.Message
    is_locating: bool
    choices: tuple[Choice, ...]
    chosen: str
    reasons: tuple[str, ...]
    reason_label: str
    drawing: Drawing
    facts: tuple[tuple[str, str], ...]
    may_record: bool


NO_FACTS: Final = "–"


def arrive_state(
    *,
    phase: Phase,
    place: ArrivalPlace | None,
    preview: ArrivalPreview | None,
    chosen: Chosen,
    why: str,
    left_s: int,
    now: datetime,
) -> ArriveState:
    """Put the sheet together."""
    is_asked = phase == "no_fix" or (preview is not None and preview.fence != "inside")
    is_wrong = chosen.choice == "wrong_address"
    return ArriveState(
        title=f"Arrive at {place.site if place and place.site else 'the site'}",
        detail="" if place is None else _detail(place),
        banner=_banner(phase, place, preview, why=why, left_s=left_s),
        is_locating=phase == "locating",
        choices=_choices(preview) if is_asked else (),
        chosen=chosen.choice,
        reasons=() if is_wrong else words.UNKNOWN_REASONS if preview is None else words.OUTSIDE_REASONS,
        reason_label="Where the site is" if is_wrong else "Reason",
        drawing=_drawing(place, preview),
        facts=_facts(place, preview, now=now),
        may_record=phase != "locating",
    )


def _detail(place: ArrivalPlace) -> str:
    return " · ".join(part for part in (f"{place.number} {place.title}", place.asset) if part)


def _banner(
    phase: Phase, place: ArrivalPlace | None, preview: ArrivalPreview | None, *, why: str, left_s: int
) -> words.Message:
    if phase == "locating":
        return words.locating(left_s)
    if preview is None:
        return words.no_position(why)
    if preview.fence == "inside":
        return words.inside(preview.position.accuracy_m)
    if preview.fence == "outside" and preview.outside_m is not None:
        return words.outside(preview.outside_m)
    return words.uncertain(
        has_fence=place is not None and place.fence is not None,
        is_old=preview.is_old,
        age_s=preview.position.age_s,
        accuracy_m=preview.position.accuracy_m,
    )


def _choices(preview: ArrivalPreview | None) -> tuple[Choice, ...]:
    fence, outside_m = (None, None) if preview is None else (preview.fence, preview.outside_m)
    return (
        Choice("continue", words.CONTINUE, words.continue_text(fence, outside_m)),
        Choice("wrong_address", *words.WRONG_ADDRESS),
        Choice("again", *words.AGAIN),
    )


def _drawing(place: ArrivalPlace | None, preview: ArrivalPreview | None) -> Drawing:
    fence = None if place is None else place.fence
    radius_m = 0.0 if fence is None else fence.radius_m
    fence_label = f"Site fence, {distance(radius_m)}" if radius_m else ""
    if preview is None:
        return Drawing(radius_m, fence_label=fence_label)
    accuracy_m = preview.position.accuracy_m or 0.0
    return Drawing(
        radius_m,
        has_device=True,
        east_m=preview.east_m,
        north_m=preview.north_m,
        accuracy_m=accuracy_m,
        fence_label=fence_label,
        device_label=f"You, ±{distance(accuracy_m)}" if accuracy_m else "You",
        gap_label=distance(preview.outside_m) if preview.fence == "outside" and preview.outside_m is not None else "",
    )


def _facts(place: ArrivalPlace | None, preview: ArrivalPreview | None, *, now: datetime) -> tuple[tuple[str, str], ...]:
    position = None if preview is None else preview.position
    accuracy = None if position is None else position.accuracy_m
    return (
        ("Position age", NO_FACTS if position is None else seconds(position.age_s)),
        ("Accuracy", NO_FACTS if position is None else "Not said" if accuracy is None else distance(accuracy)),
        ("Source", NO_FACTS if position is None else word(SOURCE, position.source)),
        ("Mock position", NO_FACTS if position is None else "Yes" if position.is_mock else "No"),
        ("Device time", f"{Moments().local(now):%H:%M:%S}"),
        ("Device clock", clock_offset(None if place is None else place.offset_ms)),
    )
