"""What the footer of an order offers: the next step, the way to it, and what else can be done. Plain values.

The step itself is a rule of the contract (`OrderPage.next_step`); here it gets its words.
"""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.order import OrderPage
from cmms_desktop.application.queries.own_work import OrderRights
from cmms_desktop.ui.text import words

TRAIL: Final = tuple(words.STEP[step] for step in words.VISIT_STEPS)
_ICONS: Final = {
    "travel": "travel",
    "arrive": "arrive",
    "start": "start",
    "resume": "start",
    "finish": "finish",
    "sign": "sign",
}
"""Step of a visit → icon of its button."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be pressed. `icon` is a name of the tokens."""

    key: str
    text: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterState:
    """The footer of an order. `current` is a place in TRAIL; None: the sentence stands alone."""

    current: int | None = None
    sentence: str = ""
    answered: tuple[int, int] | None = None
    """Answers given and asked, beside the checklist."""
    primary: Action | None = None
    secondary: Action | None = None
    more: tuple[Action, ...] = ()


def footer_of(page: OrderPage, rights: OrderRights, *, tab: str, on_site: bool) -> FooterState:
    """Give the footer.

    Args:
        tab: the page of the order that is shown; on the checklist its progress stands in the footer.
        on_site: a supervisor is enrolled on this installation and could sign here.
    """
    more = _more(page, rights, on_site=on_site)
    if page.next_step == "sign_off" and rights.may_review:
        return FooterState(
            sentence=_sentence(page), primary=Action("review", words.STEP["sign_off"], "review"), more=more
        )
    if not rights.may_work or page.next_step not in _ICONS:
        return FooterState(sentence=_sentence(page, is_mine=rights.may_work), more=more)
    primary = Action(page.next_step, words.STEP[page.next_step], _ICONS[page.next_step])
    place = words.VISIT_STEPS.index(page.next_step) if page.next_step in words.VISIT_STEPS else None
    if tab == "checklist" and page.visit is not None:
        missing = Action("missing", f"Show {page.counts.missing} missing", "") if page.counts.missing else None
        progress = (page.counts.answered, page.counts.checklist)
        return FooterState(answered=progress, primary=primary, secondary=missing, more=more)
    if place is None:
        return FooterState(sentence=_sentence(page), primary=primary, more=more)
    return FooterState(current=place, primary=primary, more=more)


def _sentence(page: OrderPage, *, is_mine: bool = True) -> str:
    reason = page.status_reason or ""
    if page.status in {"assigned", "in_progress", "on_hold"} and not is_mine:
        people = ", ".join(page.people)
        return f"Assigned to {people}. You can read it." if people else "Not assigned to you. You can read it."
    return {
        "new": "Nobody is assigned yet. The office does that.",
        "on_hold": f"On hold: {reason}" if reason else "On hold.",
        "in_progress": "The visit has ended. Sign the work to hand it over.",
        "completed": "Signed and locked. The supervisor signs it off.",
        "closed": "Signed off and closed.",
        "cancelled": "Cancelled by the office. What you entered is kept.",
        "rejected": f"Rejected: {reason}" if reason else "Rejected.",
    }.get(page.status, "")


def _more(page: OrderPage, rights: OrderRights, *, on_site: bool) -> tuple[Action, ...]:
    actions: list[Action] = []
    if rights.may_work and not page.is_locked:
        if page.next_step == "finish":
            actions += [Action("pause", "Pause order", "state-on-hold"), Action("leave", "Leave site", "log-out")]
        if page.next_step == "sign":
            actions.append(Action("travel", "Travel there again", "travel"))
        if page.next_step != "none":
            actions.append(Action("scan", "Scan asset", "scan"))
    if rights.may_enter_costs:
        actions.append(Action("cost", "Enter a cost", "note"))
    if rights.may_follow_up:
        actions.append(Action("follow_up", "Create follow-up order", "conditional"))
    if rights.may_work and page.may_hand_on and not rights.is_office:
        actions.append(Action("hand_on", "I cannot take this order", "return"))
    if on_site and page.next_step == "sign_off":
        actions.append(Action("on_site", "Supervisor signs here", "sign"))
    return tuple(actions)
