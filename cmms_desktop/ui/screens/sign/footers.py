"""What the footer of the signing screen says at each step. Plain values."""

from dataclasses import dataclass

from cmms_desktop.ui.screens.sign.state import SignState
from cmms_desktop.ui.text.numbers import counted

LOCKS = "Signing locks the record."
LOCKS_FULLY = f"{LOCKS} Later changes need a new signature."


@dataclass(frozen=True, slots=True)
class Footer:
    """A sentence with its icon, the primary and the secondary button; None: there is no such button.

    `is_secondary_spare`: on small windows it is left out.
    """

    sentence: str = ""
    icon: str | None = None
    primary: str | None = None
    primary_icon: str | None = None
    secondary: str | None = None
    is_secondary_spare: bool = True


_ANSWERS = {
    "accept": Footer("The order is completed and goes to the supervisor.", "lock", "Customer accepts", "user-check"),
    "refuse": Footer("The refusal is recorded; the supervisor decides.", "lock", "Record refusal", "sign"),
    "absent": Footer("The order goes to the supervisor.", "lock", "Complete without customer", "lock"),
}


def footer_of(state: SignState, *, is_compact: bool, is_reading: bool) -> Footer:
    """Name the next step; `is_reading`: on a small (`is_compact`) window the record is shown, not yet the pad."""
    match state.step:
        case "answers":
            words = f"{counted(len(state.missing), 'answer')} missing."
            return Footer(words, "finish", "Back to checklist", "orders")
        case "technician":
            return _technician(state, is_compact=is_compact, is_reading=is_reading)
        case "customer":
            return _customer(state, is_reading=is_reading)
        case "locked":
            late = "Customer signs now" if state.is_open_for_customer else None
            return Footer("Saved on this device.", "accepted", "Next order", "arrow-right", late, False)
        case _:
            return Footer()


def _technician(state: SignState, *, is_compact: bool, is_reading: bool) -> Footer:
    back = "Back to checklist"
    if state.blocked:
        return Footer("This record cannot be signed now.", "lock", back, "orders")
    if is_reading:
        return Footer("Read what you sign.", "lock", "Go on to sign", "sign", back)
    return Footer(LOCKS if is_compact else LOCKS_FULLY, "lock", "Sign and lock", "sign", back)


def _customer(state: SignState, *, is_reading: bool) -> Footer:
    if state.said:
        return Footer("The order goes to the supervisor.", "lock", "Complete order", "lock")
    if is_reading:
        return Footer("Let the customer read the record.", "user", "Go on", "arrow-right")
    return _ANSWERS.get(state.choice) or Footer("Choose what the customer says.", "user")
