"""Sentences of an arrival: inside, outside, not certain, no position; what each choice does and is recorded as."""

from typing import Final

from cmms_desktop.ui.text.moments import seconds
from cmms_desktop.ui.text.numbers import distance

Message = tuple[str, str, str]
"""Kind of banner, bold line, plain line."""

ALL_THE_SAME: Final = "You can start work all the same. Tell us what is right."
SAY_WHERE: Final = "You can start work all the same. Say where you are."
SAVED_NOW: Final = "Saved on this device now, sent when you are online."
DRAWN: Final = "A drawing to scale, not a map. All of this is kept with the arrival."
OUTSIDE_REASONS: Final = ("Parked away from site", "Fence is wrong", "Poor position", "Other")
UNKNOWN_REASONS: Final = ("Under a roof", "Below ground", "Receiver is off", "Other")


def locating(left_s: int) -> Message:
    """While a position is looked for."""
    wait = f"Up to {left_s} seconds more." if left_s > 0 else "A moment more."
    return "info", "Finding your position", f"{wait} You need not wait: stop and continue without it."


def inside(accuracy_m: float | None) -> Message:
    """At the site beyond doubt."""
    exact = "" if accuracy_m is None else f" The position is exact to {distance(accuracy_m)}."
    return "success", "You are at the site", f"Inside the fence.{exact}"


def outside(outside_m: float) -> Message:
    """Beyond the fence with the whole circle of accuracy."""
    return "warning", f"You are {distance(outside_m)} outside the site fence", ALL_THE_SAME


def uncertain(*, has_fence: bool, is_old: bool, age_s: float, accuracy_m: float | None) -> Message:
    """A position that says neither inside nor outside, and why."""
    if not has_fence:
        return "info", "This site has no fence yet", SAY_WHERE
    if is_old:
        return "warning", f"The position is {seconds(age_s)} old", f"It does not say where you are now. {SAY_WHERE}"
    if accuracy_m is None:
        return "warning", "The receiver does not say how exact it is", SAY_WHERE
    unsure = f"Within {distance(accuracy_m)} it cannot be said."
    return "warning", "You are near the edge of the fence", f"{unsure} {SAY_WHERE}"


def no_position(sentence: str) -> Message:
    """The receiver gave none; its own sentence says why."""
    return "warning", "No position", sentence


STOPPED: Final = "You stopped measuring. You can start work all the same. Say where you are."


def continue_text(fence: str | None, outside_m: float | None) -> str:
    """What *Continue here* is recorded as; `fence` None: there is no position."""
    if fence == "outside" and outside_m is not None:
        return f"I am at the right place. Recorded as “outside, {distance(outside_m)}”."
    if fence is None:
        return "I am at the right place. Recorded without a position."
    return "I am at the right place. Recorded as “not certain”."


WRONG_ADDRESS: Final = ("Wrong address", "The site is somewhere else. The office gets a correction request.")
CONTINUE: Final = "Continue here"
AGAIN: Final = ("Try again", "Measure again for up to 30 seconds.")


def correction(site: str, text: str, coordinates: tuple[float, float] | None, accuracy_m: float | None) -> str:
    """The comment that asks the office to correct an address."""
    parts = [f"Wrong address of {site or 'this site'}: {text.strip() or 'the site is somewhere else'}."]
    if coordinates is not None:
        exact = "" if accuracy_m is None else f" ± {distance(accuracy_m)}"
        parts.append(f"I am at {coordinates[0]:.5f}, {coordinates[1]:.5f}{exact}.")
    return " ".join(parts).replace("..", ".")


def reason(choice: str, chip: str, text: str) -> str:
    """The reason as it is recorded: what was chosen, and what was written about it."""
    head = WRONG_ADDRESS[0] if choice == "wrong_address" else "" if chip == "Other" else chip
    return ": ".join(part for part in (head, text.strip()) if part)
