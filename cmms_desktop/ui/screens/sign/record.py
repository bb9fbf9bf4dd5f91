"""A record that is signed or about to be, in words: rendered from what its bytes say and from nothing else.

Exceptions are listed, the rest is counted; the whole record can be read as the contract renders it.
"""

import json
from collections.abc import Iterator, Sequence

import msgspec

from cmms_desktop.application.item_ids import photo_id
from cmms_desktop.application.queries.checklist_page import excess_of
from cmms_desktop.ui.screens.sign.state import Detail, Record, RecordLine, RecordPart
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import tally_badge
from cmms_desktop.ui.text.moments import Moments, duration
from cmms_desktop.ui.text.numbers import counted, digest, distance, number, with_unit
from cmms_desktop.ui.text.words import FENCE, MEANING_SENTENCE, RESULT, word
from sync_server.contract.fields import Scalar
from sync_server.contract.rules.commitments import PersonalValue
from sync_server.contract.rules.signed_shape import Body, SignedChecklist, SignedItem, SignedVisit
from sync_server.contract.rules.signed_summary import render

_TALLIES = ("pass", "flag", "fail", "reading", "na")
_LOOK = {"flag": ("flag", "warning"), "fail": ("fail", "danger"), "range": ("out-of-range", "danger")}


def record_of(body: Body, personal_values: tuple[PersonalValue, ...], *, sha256: str, moments: Moments) -> Record:
    """Say what a statement says; `sha256` is empty while it has no bytes yet."""
    return Record(
        sentence=MEANING_SENTENCE[body.meaning],
        digits=digest(sha256) if sha256 else "",
        parts=tuple(_parts(body, personal_values, moments)),
        details=_details(body, personal_values, sha256),
        not_included=tuple(body.not_yet_included),
    )


def _parts(body: Body, values: tuple[PersonalValue, ...], moments: Moments) -> Iterator[RecordPart]:
    visits = [_visit_text(visit, moments) for visit in body.visits]
    arrival = tuple(_arrival_lines(body, values))
    yield RecordPart("visit", "Visit", "\n".join(visits) or "No visit was recorded.", lines=arrival)
    before = 0
    for checklist in body.checklists:
        numbers, sections = _numbers(checklist, before)
        before += sections
        yield _checklist_part(checklist, numbers, body)
    used = [_part_text(part.code, part.name, part.quantity, part.unit) for part in body.parts]
    yield RecordPart("parts", "Parts", " · ".join(used) or "No parts were used.")
    photos = f"{counted(len(body.photos), 'photo')}, each with its digest" if body.photos else "No photos."
    yield RecordPart("photos", "Photos", photos)
    if body.order.completion_note:
        yield RecordPart("note", "Note", body.order.completion_note)


def _visit_text(visit: SignedVisit, moments: Moments) -> str:
    """`Arrived 08:14, work 1 h 22 min, travel 18 min`."""
    said = [f"Arrived {moments.time(visit.arrived_at)}"] if visit.arrived_at else []
    said += [
        f"{name} {duration(minutes)}"
        for name, minutes in (
            ("work", visit.work_minutes),
            ("travel", visit.travel_minutes),
            ("break", visit.break_minutes),
        )
        if minutes is not None
    ]
    text = ", ".join(said) or "Times were not recorded"
    return text[:1].upper() + text[1:]


def _arrival_lines(body: Body, values: tuple[PersonalValue, ...]) -> Iterator[RecordLine]:
    arrival = body.arrival
    if arrival is None or arrival.fence == "inside":
        return
    away = _distance(values) if arrival.fence == "outside" else ""
    where = word(FENCE, arrival.fence or "unknown")
    text = f"{where}, {away} from the site" if away else where
    yield RecordLine("fence", "warning", "", f"{text}: {arrival.reason}" if arrival.reason else text)


def _distance(values: tuple[PersonalValue, ...]) -> str:
    """How far from the middle of the site, where the position has not been erased."""
    told = next((value.value for value in values if value.path == "/arrival/position"), None)
    try:
        metres = json.loads(told or "{}").get("distance_m")
        return "" if metres is None else distance(float(metres))
    except (ValueError, AttributeError):
        return ""


def _part_text(code: str | None, name: str | None, quantity: str, unit: str | None) -> str:
    """`Drip tray DT-2, 1 piece`; what was put back says so."""
    what = " ".join(text for text in (name, code) if text) or "Unknown part"
    is_back = not quantity.startswith("-")
    amount = with_unit(quantity.removeprefix("-"), unit)
    return f"{what}, {amount} put back" if is_back else f"{what}, {amount}"


def _numbers(checklist: SignedChecklist, before: int) -> tuple[dict[str, str], int]:
    """Item id → "2.4", as the checklist page numbers them; and how many sections there are."""
    sections: dict[str, list[str]] = {}
    for item in checklist.items:
        sections.setdefault(item.section or checklist.name, []).append(item.id)
    numbers = {
        item_id: f"{before + index}.{place}"
        for index, items in enumerate(sections.values(), start=1)
        for place, item_id in enumerate(items, start=1)
    }
    return numbers, len(sections)


def _checklist_part(checklist: SignedChecklist, numbers: dict[str, str], body: Body) -> RecordPart:
    asked = [item for item in checklist.items if item.is_asked]
    answered = sum(item.result is not None for item in asked)
    name = f"{checklist.name}, template v{checklist.template_version}"
    return RecordPart(
        id=checklist.id,
        label="Checklist",
        text=f"{name}: {answered} of {len(asked)} answered",
        badges=tuple(_tallies(asked)),
        lines=tuple(_exceptions(asked, numbers, body)),
    )


def _tallies(asked: Sequence[SignedItem]) -> Iterator[BadgeSpec]:
    kinds = [_tally(item) for item in asked if item.result is not None]
    for kind in _TALLIES:
        if count := kinds.count(kind):
            yield tally_badge(kind, count)


def _tally(item: SignedItem) -> str:
    return "reading" if item.kind == "number" and item.value is not None else str(item.result)


def _exceptions(asked: Sequence[SignedItem], numbers: dict[str, str], body: Body) -> Iterator[RecordLine]:
    for item in asked:
        row: dict[str, Scalar] = msgspec.structs.asdict(item)
        what = "range" if excess_of(row) is not None else item.result
        if what not in _LOOK:
            continue
        icon, tone = _LOOK[what]
        yield RecordLine(icon, tone, numbers[item.id], item.prompt, ", ".join(_said(item, what, body)))


def _said(item: SignedItem, what: str, body: Body) -> Iterator[str]:
    """What belongs to an exception: the answer or reading with its limit, a note, photos."""
    if what == "range":
        yield with_unit(item.value, item.unit)
        high = item.maximum is not None and str(item.value or "") and _is_above(item)
        yield f"limit {number(item.maximum if high else item.minimum)}"
    else:
        yield word(RESULT, what)
    if item.note:
        yield "note"
    photos = {photo.sha256 for photo in body.photos if photo.id == photo_id(item.id, photo.sha256)}
    if count := len(photos | ({item.photo_sha256} if item.photo_sha256 else set())):
        yield counted(count, "photo")


def _is_above(item: SignedItem) -> bool:
    amount = excess_of(msgspec.structs.asdict(item))
    return amount is not None and amount > 0


def _details(body: Body, values: tuple[PersonalValue, ...], sha256: str) -> tuple[Detail, ...]:
    """The whole record, line by line, as the contract renders the bytes."""
    summary = render(body, first_digits=sha256[:12], personal_values=values)
    details: list[Detail] = []
    for place, section in enumerate(summary.sections):
        details.append(Detail(f"{place}", section.title, "", is_title=True))
        details += [Detail(f"{place}.{n}", line.label, line.text) for n, line in enumerate(section.lines)]
    return tuple(details)
