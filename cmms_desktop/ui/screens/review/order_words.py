"""One order under review in words: findings first, the rest folded up, signatures, and the timeline. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from cmms_desktop.application.queries.order import OrderPage
from cmms_desktop.application.queries.review_page import ReviewPage, SignatureLine
from cmms_desktop.ui.screens.review.findings import findings_of
from cmms_desktop.ui.screens.review.state import Fold, ReviewOrder, Seal, TimelineRow
from cmms_desktop.ui.screens.sign.state import Detail, SignatureFace
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.moments import MONTHS, Moments, clock_offset
from cmms_desktop.ui.text.numbers import counted, digest
from cmms_desktop.ui.text.order_words import asset_words
from cmms_desktop.ui.text.timeline_words import entry_words, timeline_face
from cmms_desktop.ui.text.words import MEANING, ROLE, lower, word

_SIGNED = {
    "performed": ("sign", "success"),
    "reviewed": ("eye", "text-muted"),
    "approved": ("approve", "success"),
    "accepted": ("user-check", "success"),
    "refused": ("refused", "danger"),
}


def review_order(page: ReviewPage, *, now: datetime) -> ReviewOrder:
    """Say everything about one order."""
    moments = Moments()
    order, line = page.order, page.line
    return ReviewOrder(
        id=order.id,
        number=order.number,
        title=order.title,
        facts=tuple(part for part in (asset_words(order), _place(order), line.performer) if part),
        badges=(badges.priority_badge(order.priority), badges.status_badge(order.status)),
        seal=_seal(page),
        message=_message(page),
        findings=tuple(findings_of(page)),
        folds=(_everything_else(page), _changed(page, moments, now)),
        signatures=tuple(_signature_face(each, moments, now) for each in page.signatures),
        timeline=tuple(_timeline(page, moments, now)),
        day=lower(moments.day(line.at, now)),
        clock="" if page.offset_ms is None else f"Device clock: {lower(clock_offset(page.offset_ms))}",
    )


def _place(order: OrderPage) -> str:
    """Site and innermost place: the whole path is on the order's own page."""
    return ", ".join(part for part in (order.site, (order.location or "").rpartition(", ")[2]) if part)


def _seal(page: ReviewPage) -> Seal | None:
    """What this device can say of the performer's signature; the server proves whose key it was before it takes it."""
    performed = [each for each in page.signatures if each.meaning == "performed"]
    if not performed or not page.order.signed.is_performed:
        return None
    last, digits = performed[-1], digest(performed[-1].sha256)
    if not last.is_whole:
        return Seal("refused", "danger", "Does not fit its record", digits)
    if page.order.signed.is_stale:
        return Seal("stale-signature", "warning", "Changed after signing", digits)
    if not last.received:
        return Seal("sign", "text-muted", "Signed, not sent yet", digits)
    return Seal("shield-check", "success", "Signature valid", digits)


def _message(page: ReviewPage) -> tuple[str, str, str] | None:
    order = page.order
    if order.status == "closed":
        return "success", "Approved", "The order is closed."
    if order.status == "completed":
        return None
    if order.return_reason:
        return "info", "Returned", f"“{order.return_reason}”"
    return "info", "At work again", "The order is not completed."


def _everything_else(page: ReviewPage) -> Fold:
    performed = [each for each in page.signatures if each.meaning == "performed" and each.summary]
    return Fold(
        id="rest",
        title="Everything else",
        badges=tuple(_tally(page)),
        lines=tuple(_record_lines(performed[-1])) if performed else (),
    )


def _tally(page: ReviewPage) -> Iterator[BadgeSpec]:
    tally = page.tally
    for result, count in (("pass", tally.passed), ("flag", tally.flagged), ("reading", tally.readings)):
        if count:
            yield badges.tally_badge(result, count)
    if tally.missing:
        yield badges.missing_badge(tally.missing)
    if tally.parts:
        yield BadgeSpec("neutral", "parts", counted(tally.parts, "part"))
    if tally.photos:
        yield BadgeSpec("neutral", "image", counted(tally.photos, "photo"))


def _record_lines(signature: SignatureLine) -> Iterator[Detail]:
    """The record as it was signed, line by line."""
    sections = signature.summary.sections if signature.summary else ()
    for place, section in enumerate(sections):
        yield Detail(f"{place}", section.title, "", is_title=True)
        for number, line in enumerate(section.lines):
            yield Detail(f"{place}.{number}", line.label, line.text)


def _changed(page: ReviewPage, moments: Moments, now: datetime) -> Fold:
    if page.reviewed_at is None:
        return Fold(id="since", title="Changed since the last review", trailing="First review")
    lines = tuple(
        Detail(
            entry.id, moments.when(entry.at, now), ", ".join(part for part in (entry_words(entry), entry.note) if part)
        )
        for entry in page.since_review
    )
    when = moments.when(page.reviewed_at, now)
    said = f"{counted(len(lines), 'change')} since {when}" if lines else f"Nothing since {when}"
    return Fold(id="since", title="Changed since the last review", trailing=said, lines=lines)


def _signature_face(line: SignatureLine, moments: Moments, now: datetime) -> SignatureFace:
    icon, tone = _SIGNED.get(line.meaning, ("sign", "text-muted"))
    if not line.is_whole:
        icon, tone = "refused", "danger"
    is_customer = line.role == "customer"
    meaning = (
        f"Customer {line.meaning}" if is_customer else f"{word(MEANING, line.meaning)}, {word(ROLE, line.role).lower()}"
    )
    said = [line.name or "Name withheld", moments.when(line.signed_at, now)]
    said += [f"“{line.reason}”"] if line.reason else []
    said += [] if line.received else ["not sent yet"]
    return SignatureFace(line.id, icon, tone, meaning, " · ".join(said), digest(line.sha256))


def _timeline(page: ReviewPage, moments: Moments, now: datetime) -> Iterator[TimelineRow]:
    """Times of the day on which the work was done; other days as a date, for there is no room for both."""
    day = moments.read(page.line.at)
    for entry in page.timeline:
        face = timeline_face(entry, moments, now)
        received = f"received {face.received_time}" if face.received_time else "not received yet"
        said = f"{face.event}, {face.device_time} by the device, {received}"
        short = [_time(moments.read(at), day) for at in (entry.at, entry.received_at)]
        shown = replace(face, device_time=short[0], received_time=short[1], details=())  # there is no room beside it
        yield TimelineRow(entry.id, shown, said)


def _time(at: datetime | None, day: datetime | None) -> str:
    if at is None:
        return ""
    is_same = day is not None and at.date() == day.date()
    return f"{at:%H:%M}" if is_same else f"{at.day} {MONTHS[at.month - 1][:3]}"
