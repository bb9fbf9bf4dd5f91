"""Texts of orders that left this device, in words: what it was going to be, and every word that was typed."""

from typing import Final

import msgspec

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
    "follow-up": "follow-up order not made",
    "sign-customer-reason": "refusal not signed",
    "review-reason": "review not signed",
}
_FIELDS: Final = {"answer": ("value", "note"), "arrive": ("chip", "text"), "follow-up": ("title", "description")}
"""Kinds whose value is more than one text, with those that a person typed."""
_DECODER: Final = msgspec.json.Decoder(dict[str, str])


def left_attention(found: tuple[LeftText, ...]) -> tuple[Attention, ...]:
    """Say each of them; what has no word in it is left out."""
    return tuple(_attention(left, kept) for left in found if (kept := _typed(left)))


def _attention(left: LeftText, kept: tuple[str, ...]) -> Attention:
    return Attention(
        id=left.name,
        kind="draft",
        title=f"{left.about or UNNAMED}: {_WHAT[left.kind]}",
        badge=NOT_SENT,
        text=LEFT,
        kept=kept,
        withdraw_question="Discard this text?",
        withdraw_act="Discard text",
    )


def _typed(left: LeftText) -> tuple[str, ...]:
    if left.kind not in _FIELDS:
        return (left.value,)
    try:
        values = _DECODER.decode(left.value)
    except msgspec.DecodeError:
        return (left.value,)
    return tuple(text for name in _FIELDS[left.kind] if (text := values.get(name, "").strip()))
