"""One order as its supervisor reads it: exceptions expanded, everything else counted, signatures, and what is new.

Frozen rows from the replica only. Says of a signature what this device can prove: that its bytes are whole and what
they say. Whose key signed them is the server's to prove.
"""

from dataclasses import dataclass

import msgspec

from cmms_desktop.application.queries.checklist_page import ItemLine, checklist_page
from cmms_desktop.application.queries.history import TimelineEntry, timeline
from cmms_desktop.application.queries.lookups import rows_of, text_of, text_or_none
from cmms_desktop.application.queries.order import OrderPage, order_page
from cmms_desktop.application.queries.remarks import PhotoLine, photo_lines
from cmms_desktop.application.queries.review import ReviewLine, review_line
from cmms_desktop.application.queries.visits import VisitEvent, VisitLine, visit_lines
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row
from sync_server.contract.problems import Problem
from sync_server.contract.rules import signed_body
from sync_server.contract.rules.commitments import PersonalValue
from sync_server.contract.rules.signed_body import Summary

HAPPENED = frozenset({"visit", "answers", "item", "reading", "comment", "photo", "movement", "conflict", "settled"})
"""Kinds of entries that a supervisor wants to see again after a return."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """A signed statement. Instants in wire form. `name`: as printed; empty: erased, or it does not fit the bytes.

    `is_whole`: the bytes are those of the digest and can be read. `summary`: what they say; None: they are not whole.
    """

    id: str
    meaning: str
    role: str
    name: str
    reason: str | None
    signed_at: str
    received: bool
    sha256: str
    is_whole: bool
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers of the items that are asked; `readings` within their limits, `photos` of the whole order."""

    passed: int
    flagged: int
    failed: int
    readings: int
    others: int
    missing: int
    parts: int
    photos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """Everything about one order under review."""

    line: ReviewLine
    order: OrderPage
    exceptions: tuple[ItemLine, ...]
    """Items that failed, were flagged, or are out of their limits, in order."""
    arrival: VisitEvent | None
    """The last arrival when it was outside the fence, or not certain."""
    visits: tuple[VisitLine, ...]
    tally: Tally
    photos: tuple[PhotoLine, ...]
    timeline: tuple[TimelineEntry, ...]
    offset_ms: int | None
    signatures: tuple[SignatureLine, ...]
    reviewed_at: str | None
    """Last review of this order; None: this is the first."""
    since_review: tuple[TimelineEntry, ...]
    """What happened after it; empty for a first review."""


def review_page(reading: Reading, order_id: str) -> ReviewPage | None:
    """One order under review; None: it is not here."""
    line, order = review_line(reading, order_id), order_page(reading, order_id)
    lists, story = checklist_page(reading, order_id), timeline(reading, order_id)
    if line is None or order is None or lists is None or story is None:
        return None
    asked = [item for item in lists.items if item.is_asked]
    visits, photos = visit_lines(reading, order_id), photo_lines(reading, order_id)
    signatures = signature_lines(reading, order_id)
    reviewed_at = max((each.signed_at for each in signatures if each.meaning == "reviewed"), default=None)
    arrivals = [visit.arrival for visit in visits if visit.arrival is not None]
    arrival = arrivals[-1] if arrivals and arrivals[-1].fence != "inside" else None
    return ReviewPage(
        line=line,
        order=order,
        exceptions=tuple(item for item in asked if item.result in {"flag", "fail"} or item.excess is not None),
        arrival=arrival,
        visits=visits,
        tally=_tally(asked, parts=order.counts.parts, photos=len(photos)),
        photos=photos,
        timeline=story.entries,
        offset_ms=story.offset_ms,
        signatures=signatures,
        reviewed_at=reviewed_at,
        since_review=tuple(
            entry for entry in story.entries if reviewed_at and entry.at > reviewed_at and entry.kind in HAPPENED
        ),
    )


def _tally(asked: list[ItemLine], *, parts: int, photos: int) -> Tally:
    readings = [item for item in asked if item.kind == "number" and item.result == "pass"]
    others = [
        item for item in asked if item.result == "na" or (item.kind in {"text", "choice", "photo"} and item.result)
    ]
    return Tally(
        passed=sum(item.kind == "pass_fail" and item.result == "pass" for item in asked),
        flagged=sum(item.result == "flag" for item in asked),
        failed=sum(item.result == "fail" for item in asked),
        readings=len(readings),
        others=sum(item.result not in {"flag", "fail"} for item in others),
        missing=sum(item.is_missing for item in asked),
        parts=parts,
        photos=photos,
    )


def signature_lines(reading: Reading, order_id: str) -> tuple[SignatureLine, ...]:
    """All signed statements of an order, oldest first, with what they say."""
    rows = rows_of(reading, "signature", (order_id,)).get(order_id, [])
    personal = rows_of(reading, "personal_value", (order_id,)).get(order_id, [])
    return tuple(
        _signature(row, [each for each in personal if each["signature_id"] == row["id"]])
        for row in sorted(rows, key=_signed)
    )


def _signed(row: Row) -> tuple[str, str]:
    return text_of(row["signed_at"]), text_of(row["id"])


def _signature(row: Row, personal: list[Row]) -> SignatureLine:
    body, sha256 = text_of(row["body"]).encode(errors="replace"), text_of(row["body_sha256"])
    values = tuple(_value(each) for each in personal if each["salt"] is not None and each["value"] is not None)
    is_same = signed_body.sha256_of(body) == sha256
    said = signed_body.summary(body, values) if is_same else None
    summary = None if isinstance(said, Problem) else said
    return SignatureLine(
        id=text_of(row["id"]),
        meaning=text_of(row["meaning"]),
        role=text_of(row["signer_role"]),
        name=_name(body, values) if summary is not None else "",
        reason=text_or_none(row["reason"]),
        signed_at=text_of(row["signed_at"]),
        received=bool(row["version"]),
        sha256=sha256,
        is_whole=summary is not None,
        summary=summary,
    )


def _value(row: Row) -> PersonalValue:
    return PersonalValue(
        path=text_of(row["path"]),
        commitment=text_of(row["commitment"]),
        salt=text_of(row["salt"]),
        value=text_of(row["value"]),
    )


def _name(body: bytes, values: tuple[PersonalValue, ...]) -> str:
    """The printed name, when it opens the commitment of these bytes; empty: erased, or another's."""
    said = signed_body.read_body(body)
    value = next((each for each in values if each.path == "/printed_name"), None)
    if isinstance(said, Problem) or value is None:
        return ""
    if not signed_body.open_commitment(said.printed_name.c, value.salt, value.value):
        return ""
    name = msgspec.json.decode(value.value)
    return name if isinstance(name, str) else ""
