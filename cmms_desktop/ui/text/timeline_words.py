"""What happened on an order, in words for the timeline: event, device time, received time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.history import TimelineEntry
from cmms_desktop.application.queries.inbox import ConflictLine
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.faces import TimelineFace
from cmms_desktop.ui.text.fields import field_label, value_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted, distance, with_unit
from cmms_desktop.ui.text.why_words import conflict_why, thing_of
from sync_server.contract.rules.assigning import ASSIGNMENT
from sync_server.contract.rules.conflicts import WHOLE_ROW

_EVENT_ICON: Final = {
    "travel": "travel",
    "arrive": "arrive",
    "start": "start",
    "pause": "circle-pause",
    "resume": "start",
    "finish": "finish",
    "leave": "log-out",
    "manual": "note",
}
_KIND_ICON: Final = {
    "created": "clipboard-plus",
    "answers": "finish",
    "reading": "out-of-range",
    "comment": "message-square",
    "photo": "image",
    "signature": "sign",
    "movement": "parts",
    "conflict": "conflict",
    "merged": "merged",
    "settled": "merged",
}
_SIGNED: Final = {
    "performed": "Signed: performed",
    "reviewed": "Signed: reviewed",
    "approved": "Signed: approved",
    "accepted": "Customer accepted",
    "refused": "Customer refused",
}


def timeline_face(entry: TimelineEntry, moments: Moments, now: datetime) -> TimelineFace:
    """One entry, ready to draw. Times of today without their day."""
    return TimelineFace(
        icon=entry_icon(entry),
        event=entry_words(entry),
        device_time=_moment(entry.at, moments, now),
        received_time=_moment(entry.received_at, moments, now),
        tone=entry_tone(entry),
        details=entry_details(entry, moments, now),
    )


def entry_details(entry: TimelineEntry, moments: Moments, now: datetime) -> tuple[str, ...]:
    """Of a conflict every value and why one stands, of a merge both texts, of a settling who chose; else nothing."""
    line = entry.conflict
    if line is None:
        return ()
    if entry.kind == "settled":
        return (conflict_why(line, moments, now),)
    opened = replace(line, resolution=None, resolved_by="", resolved_at=None)
    return (*_sides(line, moments, now), conflict_why(opened, moments, now))


def _sides(line: ConflictLine, moments: Moments, now: datetime) -> tuple[str, ...]:
    """Both values, beside whose they are."""
    if line.field == WHOLE_ROW:
        return ()
    author = "You" if line.is_mine else line.author or "Technician"
    unit = line.subject.unit or None
    mine, theirs = (value_words(value, moments, now, unit=unit) for value in (line.mine, line.theirs))
    return (f"{author}: {mine}",) if line.kind == "deleted" else (f"{author}: {mine}", f"Office: {theirs}")


def _moment(at: str | None, moments: Moments, now: datetime) -> str:
    if at is None:
        return ""
    return moments.time(at) if moments.day(at, now) == "Today" else moments.when(at, now)


def entry_words(entry: TimelineEntry) -> str:
    """What happened, in one line; what a person said stands in `entry.text` and `entry.note`."""
    say = _SAY.get(entry.kind)
    return words.plain(entry.kind) if say is None else say(entry)


def _created(entry: TimelineEntry) -> str:
    return f"Reported by {entry.person}" if entry.person else "Reported"


def _visit(entry: TimelineEntry) -> str:
    said = words.word(words.EVENT, entry.word)
    if entry.word != "arrive" or entry.fence in {None, "inside"}:
        return said
    if entry.fence == "outside":
        far = f", {distance(entry.distance_m)} away" if entry.distance_m is not None else ""
        return f"{said}, outside the fence{far}"
    return f"{said}, position not certain"


def _answers(entry: TimelineEntry) -> str:
    return f"{counted(int(entry.word or 0), 'item')} answered"


def _item(entry: TimelineEntry) -> str:
    return f"{entry.text or 'Item'}: {words.lower(words.word(words.RESULT, entry.word))}"


def _reading(entry: TimelineEntry) -> str:
    return f"{with_unit(entry.value, entry.unit)} read: {entry.text or 'reading'}"


def _comment(entry: TimelineEntry) -> str:
    return f"Comment by {entry.person}" if entry.person else "Comment"


def _photo(entry: TimelineEntry) -> str:
    return f"Photo: {entry.text}" if entry.text else "Photo taken"


def _signature(entry: TimelineEntry) -> str:
    return _SIGNED.get(entry.word, words.plain(entry.word))


def _movement(entry: TimelineEntry) -> str:
    amount = with_unit(entry.value, entry.unit)
    return f"{words.word(words.MOVEMENT, entry.word)}: {entry.text or 'a part'}, {amount}"


def _conflict(entry: TimelineEntry) -> str:
    line = entry.conflict
    thing = thing_of(entry.text or "")
    if line is not None and line.field == WHOLE_ROW:
        return f"Work was done on this {thing}, which was deleted"
    if line is not None and line.kind == "deleted":
        return f"{field_label(entry.text or '', entry.word)} was changed on a deleted {thing}"
    if line is not None and line.entity == ASSIGNMENT:
        asked = (
            f"to give the order to {line.mine.name or 'somebody else'}" if line.mine.raw else "to give the order back"
        )
        return f"{entry.person or 'Somebody'} asked {asked}"
    if line is not None and line.kind == "request":
        return f"{field_label(entry.text or '', entry.word)}: another value was asked for"
    if line is not None and line.kind == "status":
        return "A state was not taken"
    return f"{field_label(entry.text or '', entry.word)} was changed by two people"


def _merged(entry: TimelineEntry) -> str:
    return f"{field_label(entry.text or '', entry.word)} was merged from two changes"


def _settled(entry: TimelineEntry) -> str:
    if entry.word == WHOLE_ROW:
        return f"The deletion of this {thing_of(entry.text or '')} was settled"
    return f"{field_label(entry.text or '', entry.word)} was settled"


def _status(entry: TimelineEntry) -> str:
    return words.word(words.STATUS, entry.word)


_SAY: Final[dict[str, Callable[[TimelineEntry], str]]] = {
    "created": _created,
    "visit": _visit,
    "answers": _answers,
    "item": _item,
    "reading": _reading,
    "comment": _comment,
    "photo": _photo,
    "signature": _signature,
    "movement": _movement,
    "conflict": _conflict,
    "merged": _merged,
    "settled": _settled,
    "status": _status,
}


def entry_icon(entry: TimelineEntry) -> str:
    """Name of its icon in the tokens."""
    if entry.kind == "visit":
        is_outside = entry.word == "arrive" and entry.fence not in {None, "inside"}
        return "fence" if is_outside else _EVENT_ICON.get(entry.word, "info")
    if entry.kind == "item":
        return {"fail": "fail", "flag": "flag"}.get(entry.word, "finish")
    if entry.kind == "status":
        return {"completed": "state-completed", "closed": "state-closed"}.get(entry.word, "info")
    if entry.kind == "signature":
        return {"refused": "refused", "accepted": "user-check", "approved": "approve"}.get(entry.word, "sign")
    return _KIND_ICON.get(entry.kind, "info")


def entry_tone(entry: TimelineEntry) -> str | None:
    """Colour token of its icon; None: the ordinary one."""
    if entry.kind == "reading" or (entry.kind, entry.word) in {("item", "fail"), ("signature", "refused")}:
        return "danger"
    if entry.kind == "item" or (entry.word == "arrive" and entry.fence not in {None, "inside"}):
        return "warning"
    if entry.kind == "conflict":
        return "state-conflict"
    return "success" if entry.kind == "settled" or entry.word in {"accepted", "approved"} else None
