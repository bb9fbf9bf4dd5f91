"""Held changes in words: what somebody did who had lost access meanwhile, and what became of it."""

from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.changes import FieldChange
from cmms_desktop.application.queries.held import HeldLine
from cmms_desktop.application.queries.settling import InboxPage
from cmms_desktop.ui.screens.inbox.listing import HELD
from cmms_desktop.ui.screens.inbox.states import HeldDetail, InboxRow
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import held_badge
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.text.fields import field_label, value_words
from cmms_desktop.ui.text.moments import Moments

UNKNOWN: Final = "Another version of this program wrote it. The office can read it."
_VERBS: Final = {"create": "New", "delete": "Deleted"}
_BOOKKEEPING: Final = frozenset({"work_order_id", "id"})


def held_row(line: HeldLine, moments: Moments, now: datetime) -> InboxRow:
    """A held change as a row of the list."""
    who = "" if line.is_mine else line.author
    detail = " · ".join(each for each in (line.subject.name, who) if each)
    return InboxRow(
        HELD + line.id,
        ReviewRowFace(_title(line), moments.short(line.made_at, now), detail, (_badge(line),)),
    )


def held_detail(line: HeldLine, page: InboxPage, moments: Moments, now: datetime, *, reason: str) -> HeldDetail:
    """A held change whole."""
    root_id = line.subject.aggregate_id
    pairs = [
        ("Made", moments.when(line.made_at, now)),
        ("Received", moments.when(line.received_at, now)),
        *((_caption(line, each), _change(each, moments, now)) for each in line.fields if each.name not in _BOOKKEEPING),
    ]
    if line.author and not line.is_mine:
        pairs.insert(0, ("Made by", line.author))
    return HeldDetail(
        id=line.id,
        order_id=root_id if root_id in page.held_orders else "",
        title=_title(line),
        number=line.subject.name,
        badge=_badge(line),
        sentence=" ".join(each for each in (_why(line), _outcome(line, moments, now)) if each),
        pairs=tuple((caption, value) for caption, value in pairs if value),
        may_decide=line.id in page.may_decide,
        reason=reason,
    )


def _title(line: HeldLine) -> str:
    thing = words.plain(line.entity) if line.entity else "Change"
    if line.subject.item:
        return f"Answer to {line.subject.item}"
    if line.verb in _VERBS:
        return f"{_VERBS[line.verb]} {words.lower(thing)}"
    if len(line.fields) == 1:
        return field_label(line.entity, line.fields[0].name)
    return thing


def _badge(line: HeldLine) -> BadgeSpec:
    if line.decision is None:
        return held_badge()
    if line.decision == "approved":
        return BadgeSpec("success", "accepted", "Approved")
    return BadgeSpec("state-failed", "refused", "Refused")


def _why(line: HeldLine) -> str:
    sentence = words.word(words.WHY_HELD if line.is_mine else words.WHY_HELD_OF_ANOTHER, line.why)
    return sentence if sentence.endswith(".") or not sentence else f"{sentence}."


def _outcome(line: HeldLine, moments: Moments, now: datetime) -> str:
    if not line.entity:
        return UNKNOWN
    if line.decision is None:
        return "Your entry is kept; the supervisor decides." if line.is_mine else "It is kept until somebody decides."
    verb = "Approved" if line.decision == "approved" else "Refused"
    by = f" by {line.decided_by}" if line.decided_by else ""
    when = f", {words.lower(moments.when(line.decided_at, now))}" if line.decided_at else ""
    return f"{verb}{by}{when}." + (f" “{line.reason}”" if line.reason else "")


def _caption(line: HeldLine, change: FieldChange) -> str:
    return field_label(line.entity, change.name)


def _change(change: FieldChange, moments: Moments, now: datetime) -> str:
    new = value_words(change.new, moments, now)
    if change.old.raw in (None, ""):
        return "" if change.new.raw in (None, "") else new
    return f"{value_words(change.old, moments, now)} → {new}"
