"""What the signer reads before signing, and the reader of a record later: rendered from a body, never from rows.

Plain text only. Personal values are shown when they open their commitment; an erased or foreign one is *withheld*.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sync_server.contract.rules.commitments import PersonalValue, open_commitment
from sync_server.contract.rules.signed_shape import (
    Body,
    Commitment,
    SignedArrival,
    SignedItem,
    SignedMovement,
    SignedVisit,
)

WITHHELD = "withheld"
MEANING_SENTENCES = {
    "performed": "I did this work.",
    "reviewed": "I have reviewed this work.",
    "approved": "I approve this work.",
    "accepted": "I accept this work.",
    "refused": "I refuse this work.",
}


class Line(msgspec.Struct, frozen=True):
    """One line: what it is about, and what is stated."""

    label: str
    text: str


class Section(msgspec.Struct, frozen=True):
    """Lines under a title, in order."""

    title: str
    lines: tuple[Line, ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a body says. `first_digits` are the 12 hex digits that name the body."""

    headline: str
    meaning: str
    first_digits: str
    sections: tuple[Section, ...]
    not_yet_included: tuple[str, ...]


def render(body: Body, *, first_digits: str, personal_values: Iterable[PersonalValue]) -> Summary:
    """Render a body that was checked."""
    shown = {value.path: value for value in personal_values}
    sections = [
        Section("Statement", tuple(_statement_lines(body, shown))),
        *(Section(each.name, tuple(_item_line(item) for item in each.items)) for each in body.checklists),
        Section("Parts", tuple(_part_line(part) for part in body.parts)),
        Section("Photos", tuple(Line(photo.taken_at, photo.sha256[:12]) for photo in body.photos)),
        Section("Time", tuple(Line(each.started_at or "not started", _visit_text(each)) for each in body.visits)),
        Section("Arrival", tuple(_arrival_lines(body.arrival, shown)) if body.arrival else ()),
    ]
    return Summary(
        headline=f"{body.order.number} · {body.order.title}",
        meaning=body.meaning,
        first_digits=first_digits,
        sections=tuple(section for section in sections if section.lines),
        not_yet_included=tuple(body.not_yet_included),
    )


def _statement_lines(body: Body, shown: dict[str, PersonalValue]) -> Iterable[Line]:
    yield Line("Meaning", MEANING_SENTENCES[body.meaning])
    yield Line("Name", _personal("/printed_name", body.printed_name, shown))
    yield Line("Role", body.role)
    yield Line("Time on the device", body.at.device)
    offset = body.at.offset_ms
    yield Line("Device clock against the server", "never compared" if offset is None else f"{offset} ms")
    if body.contact is not None:
        yield Line("Contact", _personal("/contact", body.contact, shown))
    if body.ink is not None:
        yield Line("Drawing", "drawn" if _opens("/ink", body.ink, shown) else WITHHELD)
    if body.order.asset_text:
        yield Line("Asset as read", body.order.asset_text)
    if body.order.completion_note:
        yield Line("Completion note", body.order.completion_note)
    if body.decision is not None:
        yield Line("Decision", "The work is returned.")
    if body.reason:
        yield Line("Reason", body.reason)


def _item_line(item: SignedItem) -> Line:
    if not item.is_asked:
        return Line(item.prompt, "not asked")
    value = f"{item.value} {item.unit}" if item.value and item.unit else item.value
    note = f"note: {item.note}" if item.note else None
    photo = f"photo {item.photo_sha256[:12]}" if item.photo_sha256 else None
    said = [text for text in (item.result, value, note, photo) if text]
    return Line(item.prompt, " · ".join(said) or "no answer")


def _part_line(part: SignedMovement) -> Line:
    name = " ".join(text for text in (part.code, part.name) if text) or part.part_id
    return Line(name, " ".join(text for text in (part.kind, part.quantity, part.unit) if text))


def _visit_text(visit: SignedVisit) -> str:
    minutes = ((name, getattr(visit, f"{name}_minutes")) for name in ("travel", "work", "break"))
    return " · ".join(f"{name} {count} min" for name, count in minutes if count is not None) or "no minutes"


def _arrival_lines(arrival: SignedArrival, shown: dict[str, PersonalValue]) -> Iterable[Line]:
    yield Line("Time on the device", arrival.at.device)
    yield Line("At the site", arrival.fence or "unknown")
    yield Line("Source", f"{arrival.source or 'unknown'}{' (simulated)' if arrival.is_mock else ''}")
    if arrival.reason:
        yield Line("Reason", arrival.reason)
    if arrival.position is not None:
        yield Line("Position", _position_text(arrival.position, shown))


def _position_text(commitment: Commitment, shown: dict[str, PersonalValue]) -> str:
    if not _opens("/arrival/position", commitment, shown):
        return WITHHELD
    said = msgspec.json.decode(shown["/arrival/position"].value)
    accuracy = said.get("accuracy_m")
    return f"{said.get('latitude')}, {said.get('longitude')}" + (f" ± {accuracy} m" if accuracy else "")


def _personal(path: str, commitment: Commitment, shown: dict[str, PersonalValue]) -> str:
    return str(msgspec.json.decode(shown[path].value)) if _opens(path, commitment, shown) else WITHHELD


def _opens(path: str, commitment: Commitment, shown: dict[str, PersonalValue]) -> bool:
    value = shown.get(path)
    return value is not None and open_commitment(commitment.c, value.salt, value.value)
