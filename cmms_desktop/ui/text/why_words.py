"""Why a value stands, in words: the sentence of contract/rules/why.py with names, values and instants filled in."""

from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.inbox import ConflictLine
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.fields import value_words
from cmms_desktop.ui.text.moments import Moments
from sync_server.contract.rules.why import Grounds, why

YOU: Final = "you"


def conflict_why(line: ConflictLine, moments: Moments, now: datetime) -> str:
    """Why what stands does, or how it was settled."""
    return why(grounds_of(line, moments, now), lambda at: at_words(at, moments, now))


def grounds_of(line: ConflictLine, moments: Moments, now: datetime) -> Grounds:
    """What a conflict says for itself. A settling that waits to be sent has this device's time: it is left out."""
    return Grounds(
        kind=line.kind,
        field=line.field,
        cause=line.cause,
        thing=thing_of(line.entity),
        mine=words.lower(value_words(line.mine, moments, now)),
        theirs=words.lower(value_words(line.theirs, moments, now)),
        author=YOU if line.is_mine else line.author,
        saved_at=line.theirs_at,
        arrived_at=line.made_at,
        resolution=line.resolution,
        resolver=YOU if line.is_settled_by_me else line.resolved_by,
        resolved_at=None if line.is_unsent else line.resolved_at,
        is_settled_by_author=line.is_settled_by_author,
        void_because=line.void_because,
    )


def thing_of(entity: str) -> str:
    """What a record is called inside a sentence."""
    return "order" if entity == "work_order" else words.lower(words.plain(entity))


def at_words(at: str, moments: Moments, now: datetime) -> str:
    """An instant with its preposition: `at 08:12`, `yesterday at 08:12`, `on 11 March at 22:40`."""
    day, time = moments.day(at, now), moments.time(at)
    if day == time:
        return f"at {at}"  # no instant that this program can read
    return {"Today": "", "Yesterday": "yesterday ", "Tomorrow": "tomorrow "}.get(day, f"on {day} ") + f"at {time}"
