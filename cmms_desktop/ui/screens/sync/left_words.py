"""Texts of orders that left this device, in words: what it was going to be, and every word that was typed."""

from typing import Final

from cmms_desktop.application.queries.half_entered import LeftText
from cmms_desktop.ui.screens.sync.states import Attention
from cmms_desktop.ui.text.badge import BadgeSpec

NOT_SENT: Final = BadgeSpec("warning", "note", "Not sent")
UNNAMED: Final = "An order that left this device"
LEFT: Final = "The order left this device before this was saved, so nobody else has it. Copy what is still needed."
_WHAT: Final = {
    "comment": "comment not added",
    "pause": "reason of a pause not saved",
    "answer": "answer not saved",
    "arrive": "reason of an arrival not saved",
    "caption": "words for a photo not saved",
    "cost": "cost not entered",
    "follow-up": "follow-up order not made",
    "hand-on": "request to hand it on not made",
    "sign-customer-reason": "refusal not signed",
    "review-reason": "review not signed",
}


def left_attention(found: tuple[LeftText, ...]) -> tuple[Attention, ...]:
    """Say each of them."""
    return tuple(_attention(left) for left in found)


def _attention(left: LeftText) -> Attention:
    return Attention(
        id=left.name,
        kind="draft",
        title=f"{left.about or UNNAMED}: {_WHAT[left.kind]}",
        badge=NOT_SENT,
        text=LEFT,
        kept=left.words,
        withdraw_question="Discard this text?",
        withdraw_act="Discard text",
    )
