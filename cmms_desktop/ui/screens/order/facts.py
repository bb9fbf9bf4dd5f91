"""Turns the rows of an order into what its page says. Plain functions: same rows and instant, same words."""

from datetime import datetime, timedelta
from typing import Final

from cmms_desktop.application.queries.order import OrderPage
from cmms_desktop.application.queries.parts_page import PlannedPart
from cmms_desktop.application.queries.readiness import MissingThing
from cmms_desktop.ui.screens.order.requesting import request_notice
from cmms_desktop.ui.screens.order.states import HeaderState, LinkRow, Notice, StockRow, SummaryState
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.fields import field_label
from cmms_desktop.ui.text.moments import Moments, date_words, duration, stop_watch
from cmms_desktop.ui.text.numbers import counted
from cmms_desktop.ui.text.order_words import (
    asset_words,
    further_words,
    may_come,
    missing_words,
    place_words,
    planned_words,
    stock_as_of,
    stock_words,
)
from cmms_desktop.ui.text.why_words import conflict_why

AROUND: Final = Moments()
"""Instants on this device's clocks."""


def header_state(page: OrderPage, *, now: datetime, lacking: tuple[MissingThing, ...]) -> HeaderState:
    """Say who the order is and how it stands."""
    return HeaderState(
        number=page.number,
        title=page.title or "Untitled order",
        about=" · ".join(part for part in (asset_words(page), place_words(page.site, page.location)) if part),
        badges=_badges(page, lacking),
        timer=timer_of(page, now),
    )


def timer_of(page: OrderPage, now: datetime) -> str:
    """How long the visit under way has lasted, from the start of work on; "" when nothing runs."""
    visit = page.visit
    if visit is None or visit.ended_at is not None or page.is_locked:
        return ""
    began = AROUND.read(visit.started_at or visit.arrived_at or visit.travel_at)
    return "" if began is None else stop_watch(max(now - began, timedelta(0)))


def _badges(page: OrderPage, lacking: tuple[MissingThing, ...]) -> tuple[BadgeSpec, ...]:
    shown = [_standing(page), badges.priority_badge(page.priority)]
    if page.signed.is_stale:
        shown.append(badges.stale_badge())
    if page.is_number_shared:
        shown.append(badges.shared_code_badge("Number"))
    if page.conflicts:
        shown.append(badges.conflicts_badge(page.conflicts))
    if page.parked:
        shown.append(badges.refused_badge(page.parked))
    if page.held:
        shown.append(badges.held_badge())
    if page.unsent:
        shown.append(badges.waiting_badge(page.unsent))
    elif page.status in {"new", "assigned"}:
        shown.append(badges.ready_badge(len(lacking)))
    return tuple(shown)


def _standing(page: OrderPage) -> BadgeSpec:
    """The state; a visit under way says more than *assigned*."""
    visit = page.visit
    if page.status == "assigned" and visit is not None and visit.ended_at is None:
        if visit.arrived_at is not None:
            return BadgeSpec("accent", "arrive", "Arrived")
        return BadgeSpec("accent", "travel", "Travelling")
    return badges.status_badge(page.status)


def summary_state(page: OrderPage, *, now: datetime, lacking: tuple[MissingThing, ...], may_work: bool) -> SummaryState:
    """Say what to know before setting out, and how the work ended."""
    return SummaryState(
        notices=notices_of(page, lacking, now=now, may_work=may_work),
        facts=_facts(page, now),
        texts=_texts(page),
        parts=tuple(_stock_row(part) for part in page.planned_parts),
        stock_as_of=stock_as_of(page.stock_as_of, AROUND, now),
        links=_links(page),
        assets=tuple(LinkRow(each.asset_id, "Also on this order", further_words(each)) for each in page.further_assets),
    )


def notices_of(
    page: OrderPage, lacking: tuple[MissingThing, ...], *, now: datetime, may_work: bool
) -> tuple[Notice, ...]:
    """What has to be known first, the most urgent on top; who else is on it, only to who might go there too."""
    notices: list[Notice] = []
    if page.return_reason is not None:
        text = f"“{page.return_reason}”" if page.return_reason else "No reason was given."
        notices.append(Notice("returned", "info", "Returned by the supervisor", text))
    if page.signed.is_stale:
        text = "Something that was signed is different now. It has to be signed again before it is closed."
        notices.append(Notice("stale", "warning", "Changed after signing", text))
    if page.status == "on_hold":
        notices.append(Notice("hold", "warning", "On hold", page.status_reason or "No reason was given."))
    if page.conflicts:
        title = f"You and the office changed {counted(page.conflicts, 'field')}"
        notices.append(Notice("conflict", "conflict", title, "Work goes on. The office value is shown.", "Compare"))
    if page.parked:
        title = f"{counted(page.parked, 'change')} refused"
        notices.append(Notice("parked", "danger", title, "What you entered is kept on this device.", "Show"))
    notices += [request_notice(each) for each in page.requests]
    if page.is_locked:
        return (*notices, _locked(page))
    if page.answers:
        notices.append(_answered(page, now))
    if page.takers and may_work:
        notices.append(_taken(page, now))
    if page.hazards:
        notices.append(Notice("hazards", "warning", counted(len(page.hazards), "hazard"), "\n".join(page.hazards)))
    if lacking:
        notices.append(Notice("lacking", "info", "Not everything is here", _lacking(lacking)))
    return tuple(notices)


def _lacking(lacking: tuple[MissingThing, ...]) -> str:
    """Say what is not here, and what to do about it where that helps."""
    help_ = "Sync once before you set out" if any(may_come(each) for each in lacking) else "The rest of the order is"
    return ". ".join((*dict.fromkeys(missing_words(each) for each in lacking), f"{help_}."))


def _answered(page: OrderPage, now: datetime) -> Notice:
    """Say what the office answered, for as long as the order is open."""
    said = [
        f"{field_label(line.entity, line.field)}: {conflict_why(line, AROUND, now)}"
        + (f" “{line.reason}”" if line.reason else "")
        for line in page.answers
    ]
    many = len(page.answers) > 1
    return Notice("answered", "info", "The office answered your request" + ("s" if many else ""), "\n".join(said))


def _taken(page: OrderPage, now: datetime) -> Notice:
    """Say who else is on the order; whoever came later is told that he was not the first."""
    first, others = page.takers[0], page.takers[1:]
    person, at = first.person or "somebody", _at(first.taken_at, now)
    is_mine = page.visit is not None and page.visit.ended_at is None
    title = f"Taken by {person}{at}"
    if is_mine:
        title = f"Taken by {person} {'before you' if first.was_first else 'as well'}{at}"
    said = [f"Seen{_at(first.seen_at, now)}."]
    said += [f"Also taken by {each.person or 'somebody'}{_at(each.taken_at, now)}." for each in others]
    said.append("Call before you go on." if is_mine else "Call before you set out.")
    return Notice("taken", "warning", title, " ".join((*said, "Two visits stay two visits; nothing is overwritten.")))


def _at(at: str, now: datetime) -> str:
    """Today as ` at 08:10`, any other day as `, 11 March 08:10` or `, yesterday 08:10`."""
    when = AROUND.when(at, now)
    today = "Today "
    return f" at {when.removeprefix(today)}" if when.startswith(today) else f", {when[:1].lower()}{when[1:]}"


def _locked(page: OrderPage) -> Notice:
    title = "Signed off and closed" if page.status == "closed" else "Signed and locked"
    said = {
        "accepted": "The customer accepted the work.",
        "refused": f"The customer refused the work: “{page.signed.customer_reason or 'no reason given'}”",
    }.get(page.signed.customer or "", "The customer has not signed.")
    return Notice("locked", "success", title, f"{said} Only a supervisor can return it.")


def _facts(page: OrderPage, now: datetime) -> tuple[tuple[str, str], ...]:
    last = page.last_visit
    visited = "None on this device" if last is None else f"{AROUND.short(last.ended_at, now)}, {last.order.number}"
    reported = ", ".join(part for part in (page.reported_by, AROUND.when(page.reported_at, now)) if part)
    return (
        ("Due", AROUND.when(page.due_at, now) or "No date"),
        ("Planned time", duration(page.planned_minutes) or "Not planned"),
        ("Assigned to", ", ".join(page.people) or "Nobody yet"),
        ("Reported by", reported or "Not known"),
        ("Last visit", visited),
        ("Warranty", _warranty(page.warranty_until, now)),
    )


def _warranty(until: str | None, now: datetime) -> str:
    if until is None:
        return "Not known"
    is_over = until < AROUND.local(now).date().isoformat()
    return f"{'Ended' if is_over else 'Until'} {date_words(until)}"


def _texts(page: OrderPage) -> tuple[tuple[str, str], ...]:
    titles = {"repair": "Reported fault", "emergency": "Reported fault"}
    texts = [(titles.get(page.type, "What is to be done"), page.description)]
    texts.append(("Completion note", page.completion_note))
    texts.append(("Address", page.site_address))
    return tuple((title, text) for title, text in texts if text)


def _stock_row(planned: PlannedPart) -> StockRow:
    part = planned.part
    left = planned.planned - planned.used
    stock = ", ".join(stock_words(line) for line in part.stock) or "Nowhere in reach"
    badge = None if left <= 0 or planned.is_in_van else BadgeSpec("warning", "hazard", "Not in van")
    if left <= 0:
        badge = BadgeSpec("success", "accepted", "Used")
    return StockRow(part.id, planned_words(planned), stock, badge)


def _links(page: OrderPage) -> tuple[LinkRow, ...]:
    links = [LinkRow(page.parent.id, "Follows up", f"{page.parent.number} {page.parent.title}")] if page.parent else []
    links += [LinkRow(each.id, "Followed up by", f"{each.number} {each.title}") for each in page.follow_ups]
    return tuple(links)
