"""The supervisor's review: keeps the queue and one chosen order in step with the rows, and carries decisions out.

A reason that is being typed is a draft until it is signed. After a decision the next order is chosen. No widget here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from cmms_desktop.application.queries.review import review_queue
from cmms_desktop.application.queries.review_page import review_page
from cmms_desktop.application.queries.review_right import ReviewRight, review_right
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.errors import Refused
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.bridge.named_drafts import NamedDrafts
from cmms_desktop.ui.screens.review.deciding import Decider, Decision
from cmms_desktop.ui.screens.review.drafts import DecisionDrafts
from cmms_desktop.ui.screens.review.order_words import review_order
from cmms_desktop.ui.screens.review.queue_words import APPROVED_FOR, QueueWords, queue_state, queue_words
from cmms_desktop.ui.screens.review.state import (
    NO_PROBLEM,
    DecisionProblem,
    DecisionState,
    Meaning,
    Mode,
    QueueState,
    ReviewOrder,
    ReviewState,
    Tab,
)
from sync_server.contract.entities import AGGREGATES

CONCERNS = frozenset((*AGGREGATES["work_order"], "person", "site_access"))


class ReviewView(Protocol):
    """What the presenter needs of the page."""

    def show_state(self, state: ReviewState) -> None:
        """Show the queue and the chosen order."""
        ...

    def show_problem(self, problem: DecisionProblem) -> None:
        """Say what stops the decision; NO_PROBLEM takes it back."""
        ...

    def show_reason(self, reason: str) -> None:
        """Fill in the reason that was kept for this order."""
        ...

    def clear_secret(self) -> None:
        """Forget what was typed as a password."""
        ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen order in words, its state, and the right to decide about it."""

    order: ReviewOrder
    status: str
    right: ReviewRight


class ReviewPresenter(Presenter):
    """Queue and one order."""

    def __init__(self, context: ScreenContext, view: ReviewView, order_id: str = "") -> None:
        """Begin with an order, or with the first of the queue."""
        super().__init__(context)
        self.view = view
        self.picks_first = True
        """Choose the first order by itself; not on small windows, where that would hide the list."""
        self._tab: Tab | None = None
        self._queue: QueueWords | None = None
        self._selected = order_id
        self._next: str | None = None
        """Order to go to once the queue was read again; empty: to none."""
        self._chosen: Chosen | None = None
        self._mode: Mode = ""
        self._meaning: Meaning = "approved"
        named = NamedDrafts(context.drafts, lambda: self._chosen.order.number if self._chosen else "")
        self._drafts = DecisionDrafts(named)
        self._decider = Decider(context, context.session.prove)

    def start(self) -> None:
        """Read the queue and watch it."""
        self.watch(self.refresh, concerns=_concerns)
        self._recall()
        self.refresh()

    def refresh(self) -> None:
        """Ask the rows again."""
        since = (self.context.clock() - APPROVED_FOR).astimezone(UTC)
        person_id = self.context.session.signed_in.person_id
        query = partial(_queue, person_id=person_id, since=f"{since:%Y-%m-%dT%H:%M:%S.%fZ}", now=self.context.clock())
        self.ask("queue", query, self._take_queue)
        self._ask_order()

    # ---- the queue

    def show_tab(self, tab: Tab) -> None:
        """Show another part of the queue."""
        self._tab = tab
        if self.picks_first:
            self._select_first()
        self._show()

    def select(self, order_id: str) -> None:
        """Choose an order; a decision that was begun on another one stays there as a draft."""
        if order_id == self._selected:
            return
        self._selected, self._chosen = order_id, None
        self.note_place(is_order=True)
        self.view.clear_secret()
        self.view.show_problem(NO_PROBLEM)
        self._recall()
        self._show()
        self._ask_order()

    def note_place(self, *, is_order: bool) -> None:
        """Remember what is shown: an order, or on a small window the list."""
        values = {"order_id": self._selected} if is_order and self._selected else {}
        self.context.navigator.replace(Place.of("review", **values))

    def step(self, by: int) -> None:
        """Go to the next order, or to the one before."""
        ids = self._ids()
        if ids:
            at = ids.index(self._selected) + by if self._selected in ids else 0
            self.select(ids[max(0, min(at, len(ids) - 1))])

    def open_order(self, order_id: str) -> None:
        """Open what belongs to a finding: a follow-up order, or, without an id, the inbox."""
        place = Place.of("order", order_id=order_id, tab="summary") if order_id else Place.of("inbox")
        self.context.navigator.open(place)

    def open_photos(self) -> None:
        """Open the photos of the chosen order."""
        self.context.navigator.open(Place.of("order", order_id=self._selected, tab="photos"))

    # ---- the decision

    def begin(self, mode: Mode) -> None:
        """Ask for what approving or returning needs; "" takes it back."""
        if self._is_possible or not mode:
            self._mode = mode
            self._drafts.keep_mode(self._selected, mode)
            self.view.show_problem(NO_PROBLEM)
            self._show()

    def mean(self, meaning: Meaning) -> None:
        """Say as what he signs: reviewed, or approved."""
        self._meaning = meaning
        self._show()

    def keep_reason(self, reason: str) -> None:
        """The reason is being typed."""
        self._drafts.keep_reason(self._selected, reason)
        self.view.show_problem(NO_PROBLEM)

    def decide(self, reason: str, secret: str) -> None:
        """Sign what was begun."""
        chosen = self._chosen
        if chosen is None or not self._mode:
            return
        decision = Decision(self._selected, self._mode, self._meaning, reason, chosen.right.seen)
        done = partial(self._decided, decision, chosen.order.number, self._after(self._selected))
        self._decider.decide(decision, secret, then=done, stopped=partial(self._stopped, decision))
        self._show()

    def _decided(self, decision: Decision, number: str, after: str) -> None:
        """It is written; `after` is the order that came next when the button was pressed."""
        self._drafts.drop(decision.order_id)
        self.context.navigator.toast(_done_words(decision, number))
        if self._is_closed:
            return
        if decision.order_id == self._selected:  # else he looks at another order by now, and decides about that one
            self.view.clear_secret()
            self.view.show_problem(NO_PROBLEM)
            self._mode, self._meaning = "", "approved"
            if decision.mode == "return" or decision.meaning == "approved":
                self._next = after
        self.refresh()

    def _stopped(self, decision: Decision, problem: DecisionProblem) -> None:
        if self._is_closed or decision.order_id != self._selected:
            self.context.navigator.complain(Refused("not_signed", problem.sentence))
            self._show()
            return
        self.view.show_problem(problem)
        if problem.field != "reason":
            self.view.clear_secret()
        self._show()
        if not problem.field:
            self.refresh()

    # ---- answers of the queries

    def _take_queue(self, queue: QueueWords) -> None:
        self._queue = queue
        if self._tab is None:
            self._tab = self._tab_of(self._selected)
        if self._next is not None:
            order_id, self._next = self._next, None
            self.select(order_id if order_id in self._ids() else "")
        if not self._selected and self.picks_first:
            self._select_first()
        self._show()

    def _ask_order(self) -> None:
        if self._selected:
            person_id = self.context.session.signed_in.person_id
            query = partial(_chosen, order_id=self._selected, person_id=person_id, now=self.context.clock())
            self.ask("order", query, self._take_order)

    def _take_order(self, chosen: Chosen | None) -> None:
        if chosen is not None and chosen.order.id != self._selected:
            return  # asked for before another one was chosen, or none
        self._chosen = chosen
        if not self._is_possible:
            self._mode = ""
        self._show()

    # ---- inside

    @property
    def _is_possible(self) -> bool:
        return self._chosen is not None and not self._chosen.right.refusal

    def _recall(self) -> None:
        """Take up a decision that was begun on this order."""
        self._mode, self._meaning = self._drafts.mode(self._selected), "approved"
        self.view.show_reason(self._drafts.reason(self._selected))

    def _ids(self) -> list[str]:
        return self._queue.ids(self._tab) if self._queue and self._tab else []

    def _after(self, order_id: str) -> str:
        """The order below one of the list, or above when it is the last."""
        ids = self._ids()
        at = ids.index(order_id) if order_id in ids else -1
        rest = [*ids[at + 1 :], *reversed(ids[: max(at, 0)])]
        return rest[0] if rest else ""

    def _tab_of(self, order_id: str) -> Tab:
        tabs: tuple[Tab, ...] = ("pending", "returned", "approved")
        queue = self._queue
        return next((tab for tab in tabs if queue and order_id in queue.ids(tab)), "pending")

    def _select_first(self) -> None:
        ids = self._ids()
        self.select(ids[0] if ids else "")

    def _show(self) -> None:
        if self._is_closed:
            return
        chosen, queue = self._chosen, QueueState(selected=self._selected)
        if self._queue is not None and self._tab is not None:
            queue = queue_state(self._queue, self._tab, selected=self._selected)
        order = chosen.order if chosen else None
        self.view.show_state(ReviewState(queue=queue, order=order, decision=self._decision(chosen)))

    def _decision(self, chosen: Chosen | None) -> DecisionState:
        if chosen is None:
            return DecisionState()
        return DecisionState(
            is_possible=self._is_possible,
            blocked=chosen.right.refusal if chosen.status == "completed" else "",
            mode=self._mode,
            meaning=self._meaning,
            number=chosen.order.number,
            is_busy=self._decider.is_busy,
        )


def _queue(reading: Reading, *, person_id: str, since: str, now: datetime) -> QueueWords:
    return queue_words(review_queue(reading, person_id, approved_since=since), now=now)


def _chosen(reading: Reading, *, order_id: str, person_id: str, now: datetime) -> Chosen | None:
    page, right = review_page(reading, order_id), review_right(reading, order_id, person_id)
    if page is None or right is None:
        return None
    return Chosen(review_order(page, now=now), page.order.status, right)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in CONCERNS for entity, _ in keys)


def _done_words(decision: Decision, number: str) -> str:
    if decision.mode == "return":
        return f"{number} returned"
    if decision.meaning == "reviewed":
        return f"{number} signed as reviewed. It waits for approval."
    return f"{number} approved"
