"""Proving who stands here and writing what he signs, as one piece of work: closing a window cannot part them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cmms_desktop.application.session import Hand, LocalWrite, Session
from cmms_desktop.errors import CmmsError, Refused

T = TypeVar("T")


class NotProved(Refused):
    """The secret did not open the key, or no key could be opened; nothing was written. The cause has the details."""

    def __init__(self, problem: CmmsError) -> None:
        """Carry the sentence."""
        super().__init__(problem.code if isinstance(problem, Refused) else "not_proved", problem.sentence)


@dataclass(frozen=True, slots=True)
class Proved(Generic[T]):
    """The hand of who proved himself, and what his command gave."""

    hand: Hand
    result: T


def prove_and_write(
    session: Session,
    prove: Callable[[], Hand],
    command: Callable[[LocalWrite, Hand], T],
    *,
    forgets: Iterable[str] = (),
) -> Proved[T]:
    """Open somebody's key and carry a command out with it, in one write. Slow: Argon2.

    `forgets` names drafts that become mutations by it; they go in the same commit.

    Raises:
        NotProved: he is not who he says; nothing was tried.
        Refused: a rule said no; nothing was changed.
    """
    try:
        hand = prove()
    except CmmsError as problem:
        raise NotProved(problem) from problem
    with session.writing() as write:
        result = command(write, hand)
        session.forget_notes(write, forgets)
    return Proved(hand, result)
