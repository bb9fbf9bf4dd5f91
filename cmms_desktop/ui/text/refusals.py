"""What went wrong, as a bold line and a plain one: who or what stopped it, and what to do about it.

The sentences are those of the rules and of errors.py; this module only splits and completes them. Never shows a code.
"""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.errors import (
    Bug,
    CmmsError,
    ContractMismatch,
    EnvironmentFailure,
    Refused,
    ServerBusy,
    ServerUnreachable,
    SessionExpired,
)

KEPT: Final = "What you entered is kept here."


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a banner says. `kind` and `icon` are names of the tokens."""

    kind: str
    icon: str
    title: str
    text: str


def trouble_of(error: CmmsError) -> Trouble:
    """Say what stopped a piece of work."""
    title, text = split_sentence(error.sentence)
    match error:
        case ServerUnreachable() | ServerBusy():
            return Trouble("waiting", "offline", title, text)
        case SessionExpired():
            return Trouble("warning", "hazard", "Sign in again", error.sentence)
        case ContractMismatch():
            return Trouble("warning", "hazard", "This program and the server do not fit together", error.sentence)
        case Refused():
            return Trouble("warning", "hazard", title, text)
        case EnvironmentFailure():
            return Trouble("danger", "refused", title, text)
        case Bug():
            return Trouble(
                "danger", "refused", "Something in this program went wrong", f"{KEPT} Tell the administrator."
            )
        case _:
            return Trouble("danger", "refused", title, text or KEPT)


def split_sentence(sentence: str) -> tuple[str, str]:
    """First sentence without its full stop, and the rest: a title and what to do."""
    first, stop, rest = sentence.strip().partition(". ")
    return (first.rstrip(".") if stop or first.endswith(".") else first), rest.strip()
