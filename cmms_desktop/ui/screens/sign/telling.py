"""From rows and the prepared statement to what the signing screen says.

`drawn` and `known` are for the background: long records are put into words outside the GUI thread.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cmms_desktop.application.commands import sign_off
from cmms_desktop.application.commands.statements import Prepared
from cmms_desktop.application.queries.half_entered import left_texts
from cmms_desktop.application.queries.signing import SigningPage, StatementLine, signing_page
from cmms_desktop.application.session import LocalWrite, Reading
from cmms_desktop.ui.screens.sign.record import record_of
from cmms_desktop.ui.screens.sign.state import Choice, Missing, Record, SignatureFace, SignState, Step
from cmms_desktop.ui.text.moments import Moments, clock_offset
from cmms_desktop.ui.text.numbers import counted, digest
from cmms_desktop.ui.text.words import MEANING, ROLE, word
from sync_server.contract.rules.ink import Strokes

_LOOK = {"performed": ("sign", "success"), "accepted": ("user-check", "success"), "refused": ("refused", "danger")}


@dataclass(slots=True)
class Course:
    """What the presenter keeps in mind beside rows and statement."""

    is_asked: bool = False
    """The rows were asked at least once."""
    blocked: str = ""
    notice: str = ""
    choice: Choice = ""
    wants_customer: bool = False
    has_texts: bool = False
    """The order is gone, and texts about such orders are kept."""
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A prepared statement with its words."""

    prepared: Prepared
    record: Record


@dataclass(frozen=True, slots=True)
class Known:
    """How far an order is, with the words of what the technician signed."""

    page: SigningPage
    record: Record | None


def drawn(write: LocalWrite, *, order_id: str, strokes: Strokes | None) -> Drawn:
    """Prepare the technician's statement and put it into words. Raises Refused as preparing does."""
    prepared = sign_off.prepare_performed(write, order_id, strokes=strokes)
    words = record_of(prepared.body, prepared.personal_values, sha256=prepared.first_digits, moments=Moments())
    return Drawn(prepared, words)


@dataclass(frozen=True, slots=True)
class Gone:
    """The order is not here. `has_texts`: something that was half written about such orders is."""

    has_texts: bool


def known(reading: Reading, *, order_id: str) -> Known | Gone:
    """Ask how far an order is."""
    page = signing_page(reading, order_id)
    if page is None:
        return Gone(has_texts=bool(left_texts(reading)))
    signed = page.record
    if signed is None:
        return Known(page, None)
    return Known(page, record_of(signed.body, signed.personal_values, sha256=signed.sha256, moments=Moments()))


def state_of(
    known_now: Known | None, statement: Drawn | None, course: Course, *, now: datetime, has_hand: bool
) -> SignState:
    """Say where an order stands on its way to being locked."""
    page = known_now.page if known_now else None
    prepared = statement.prepared if statement else None
    if page is None:
        return SignState(step="gone" if course.is_asked else "waiting", has_texts=course.has_texts)
    moments = Moments()
    step = _step(page, course)
    return SignState(
        step=step,
        number=page.number,
        title=page.title,
        asset=page.asset or "",
        missing=tuple(Missing(item.id, item.number, item.prompt) for item in page.missing),
        record=_record(known_now, statement, step),
        blocked=course.blocked,
        notice=course.notice,
        facts=tuple(_facts(page, prepared, moments, now)) if step == "technician" else (),
        choice=course.choice,
        said=_said(page.customer, moments, now) if step == "customer" else "",
        has_hand=has_hand,
        signatures=tuple(_face(line, moments, now) for line in (page.performed, page.customer) if line),
        outcome=_outcome(page),
        next_steps=tuple(_next_steps(page)),
        is_open_for_customer=page.status == "completed" and page.performed is not None and page.customer is None,
        is_late=page.turn == "locked",
        is_busy=course.is_busy,
    )


def _step(page: SigningPage, course: Course) -> Step:
    if page.turn != "locked":
        return page.turn
    is_late = course.wants_customer and page.status == "completed" and page.customer is None
    return "customer" if is_late and page.performed else "locked"


def _record(known_now: Known | None, statement: Drawn | None, step: Step) -> Record | None:
    """What the technician is about to sign; for the customer, what he signed."""
    if step == "technician":
        return statement.record if statement else None
    return known_now.record if known_now and step == "customer" else None


def _facts(page: SigningPage, prepared: Prepared | None, moments: Moments, now: datetime) -> Iterator[tuple[str, str]]:
    name = prepared.statement.printed_name if prepared else page.signer
    role = prepared.body.role if prepared else ""
    yield "Signs", f"{name}, {word(ROLE, role).lower()}" if role and role not in name.lower() else name
    yield "Meaning", MEANING["performed"]
    at = prepared.statement.device_at if prepared else None
    yield "Device time", moments.when_exactly(at, now) if at else ""
    offset = clock_offset(page.offset_ms)
    measured = f", measured {moments.short(page.last_sync_at, now)}" if page.last_sync_at else ""
    yield "Device clock", offset if page.offset_ms is None else f"{offset}{measured}"


def _said(line: StatementLine | None, moments: Moments, now: datetime) -> str:
    if line is None:
        return ""
    verb = "accepted" if line.meaning == "accepted" else "refused"
    who = f", {line.name}," if line.name else ""
    return f"The customer{who} {verb} the work at {moments.short(line.signed_at, now)}."


def _face(line: StatementLine, moments: Moments, now: datetime) -> SignatureFace:
    icon, tone = _LOOK.get(line.meaning, ("sign", "text-muted"))
    is_customer = line.role == "customer"
    title = (
        f"Customer {line.meaning}" if is_customer else f"{word(MEANING, line.meaning)}, {word(ROLE, line.role).lower()}"
    )
    said = [line.name or "Name withheld", moments.when(line.signed_at, now)]
    if line.reason:
        said.append(f"“{line.reason}”")
    return SignatureFace(line.id, icon, tone, title, " · ".join(said), digest(line.sha256))


def _outcome(page: SigningPage) -> str:
    if page.status == "closed":
        return "Signed off by the supervisor"
    if page.customer is not None and page.customer.meaning == "refused":
        return "Signed and locked. The customer refused the work"
    return "Signed and locked"


def _next_steps(page: SigningPage) -> Iterator[str]:
    """What happens now, so that nobody has to wonder."""
    if page.unsent:
        yield f"{counted(page.unsent, 'change')} saved on this device. They are sent when there is coverage."
    if page.photos_to_send:
        verb = "is" if page.photos_to_send == 1 else "are"
        yield f"{counted(page.photos_to_send, 'photo')} {verb} sent after the text."
    if page.stopped:
        verb = "was" if page.stopped == 1 else "were"
        yield f"{counted(page.stopped, 'change')} {verb} not accepted yet. Sync shows what can be done."
    if not (page.unsent or page.photos_to_send or page.stopped):
        yield "Everything about this order has reached the server."
    if page.status == "closed":
        return
    if page.customer is None:
        yield "There is no statement of the customer. He can still sign until the supervisor has decided."
    elif page.customer.meaning == "refused":
        yield "The supervisor sees the refusal first, and approves or returns the order."
        return
    yield "The supervisor reviews the order, and approves it or returns it with a reason."
