"""What a supervisor looks at first, in words: refusal, failed items, readings out of range, fence, changes. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from cmms_desktop.application.queries.checklist_page import ItemLine
from cmms_desktop.application.queries.review_page import ReviewPage
from cmms_desktop.application.queries.visits import VisitEvent
from cmms_desktop.ui.screens.review.state import Finding
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.checklist_words import item_title
from cmms_desktop.ui.text.numbers import counted, distance, number, with_unit

_LOOK = {"fail": ("refused", "danger"), "flag": ("flag", "warning")}


def findings_of(page: ReviewPage) -> Iterator[Finding]:
    """The findings of an order, the worst first."""
    yield from _about_signatures(page)
    for item in page.exceptions:
        yield _item(item)
    if page.arrival is not None:
        yield _arrival(page.arrival)
    yield from _about_the_rest(page)


def _about_signatures(page: ReviewPage) -> Iterator[Finding]:
    found, signed = page.line.exceptions, page.order.signed
    if signed.customer == "refused":
        reason = f"“{signed.customer_reason}”" if signed.customer_reason else ""
        yield Finding(id="refused", icon="refused", color="danger", title="The customer refused the work", text=reason)
    if found.is_unsigned:
        text = "It came without a signature of who did the work."
        yield Finding(id="unsigned", icon="sign", color="warning", title="Nobody signed for this work", text=text)
    if found.is_stale:
        text = "Something that the technician signed was edited afterwards. Return the order to have it signed again."
        yield Finding(id="stale", icon="stale-signature", color="warning", title="Changed after signing", text=text)


def _item(item: ItemLine) -> Finding:
    is_outside = item.excess is not None
    icon, color = ("out-of-range", "danger") if is_outside else _LOOK.get(str(item.result), ("info", "text-muted"))
    follow_up = item.follow_up
    return Finding(
        id=item.id,
        icon=icon,
        color=color,
        title=item_title(item),
        text=item.note or "",
        badge=_range_badge(item) if is_outside else badges.result_badge(str(item.result)),
        photos=item.photos,
        gauge=_gauge(item) if is_outside else None,
        link=(follow_up.id, f"Follow-up {follow_up.number}") if follow_up else None,
    )


def _range_badge(item: ItemLine) -> BadgeSpec:
    limit = item.maximum if item.excess is not None and item.excess > 0 else item.minimum
    return BadgeSpec("danger", "reading", f"{with_unit(item.value, item.unit)}, limit {number(limit)}")


def _gauge(item: ItemLine) -> tuple[str, str, str, str]:
    low, high, last, now = (_plain(each) for each in (item.minimum, item.maximum, item.last_value, item.value))
    return low, high, last, now


def _plain(value: Decimal | str | None) -> str:
    """A number as the gauge reads it: no trailing zeros, a plain minus sign."""
    return number(value).replace("−", "-")


def _arrival(arrival: VisitEvent) -> Finding:
    reason = f"“{arrival.reason}”" if arrival.reason else ""
    if arrival.fence != "outside":
        title = "Position at arrival not certain"
        return Finding(id="arrival", icon="fence", color="text-muted", title=title, text=reason)
    away = f", {distance(arrival.distance_m)} from the site" if arrival.distance_m is not None else ""
    return Finding(id="arrival", icon="fence", color="warning", title=f"Arrived outside the fence{away}", text=reason)


def _about_the_rest(page: ReviewPage) -> Iterator[Finding]:
    found = page.line.exceptions
    if found.conflicts:
        title = f"{counted(found.conflicts, 'conflict')} to settle"
        text = "Two people changed the same field. What stands now is part of this record."
        yield Finding(
            id="conflicts", icon="conflict", color="state-conflict", title=title, text=text, link=("", "Compare")
        )
    if found.photos_missing:
        title = f"{counted(found.photos_missing, 'photo')} missing"
        text = "What arrived cannot be shown. This device asks for it again."
        yield Finding(id="lost-photos", icon="photo-waiting", color="warning", title=title, text=text)
    if found.photos_to_come:
        title = f"{counted(found.photos_to_come, 'photo')} on the way"
        text = "Not on this device yet. What the technician has sent appears here by itself."
        yield Finding(id="photos", icon="photo-waiting", color="info", title=title, text=text)
    if found.parts_short:
        title = f"{counted(found.parts_short, 'part')} requested"
        yield Finding(id="parts", icon="parts", color="info", title=title, text="More was used than was in stock.")
