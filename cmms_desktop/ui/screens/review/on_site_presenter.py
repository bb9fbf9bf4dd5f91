"""Who may sign an order off on this installation, and his decision, proved by his own password. No widget here."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cmms_desktop.application.queries.lookups import person_names
from cmms_desktop.application.queries.review_right import ReviewRight, review_right
from cmms_desktop.application.session import EnrolledHere, Hand, Key, Reading
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.screens.review.deciding import Decider, Decision
from cmms_desktop.ui.screens.review.drafts import DecisionDrafts
from cmms_desktop.ui.screens.review.state import NO_PROBLEM, DecisionProblem, Mode
from sync_server.contract.rules.sign_off import REVIEWERS


@dataclass(frozen=True, slots=True)
class PersonHere:
    """Somebody enrolled here who signs work off; `refusal`: why not this order."""

    person_id: str
    name: str
    right: ReviewRight | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSiteState:
    """The whole sheet. `refusal`: why the chosen person may not decide."""

    people: tuple[PersonHere, ...] = ()
    person_id: str = ""
    mode: Mode = "approve"
    number: str = ""
    refusal: str = ""
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    people: tuple[PersonHere, ...]
    number: str


class OnSiteView(Protocol):
    """What the presenter needs of the sheet."""

    def show_state(self, state: OnSiteState) -> None:
        """Show who may decide what."""
        ...

    def show_problem(self, problem: DecisionProblem) -> None:
        """Say what stops the decision; NO_PROBLEM takes it back."""
        ...

    def show_reason(self, reason: str) -> None:
        """Fill in the reason that was kept."""
        ...

    def finished(self) -> None:
        """It is signed and written."""
        ...


class OnSitePresenter(Presenter):
    """One order, one supervisor beside the technician."""

    def __init__(self, context: ScreenContext, view: OnSiteView, order_id: str) -> None:
        """Wire it."""
        super().__init__(context)
        self.view, self._order_id = view, order_id
        self._people: tuple[PersonHere, ...] = ()
        self._reviewers: tuple[EnrolledHere, ...] = ()
        self._number, self._person_id, self._signer_id = "", "", ""
        self._drafts = DecisionDrafts(context.drafts)
        self._mode: Mode = self._drafts.mode(order_id) or "approve"
        self._decider = Decider(context, self._prove)

    def start(self) -> None:
        """Find out who is enrolled here and may sign this order off."""
        self.view.show_reason(self._drafts.reason(self._order_id))
        self.watch(self._refresh, concerns=_concerns)
        self.context.background.run(self.context.session.people.enrolled, self._take_enrolled)

    def choose_person(self, person_id: str) -> None:
        """Say who signs."""
        self._person_id = person_id
        self.view.show_problem(NO_PROBLEM)
        self._show()

    def choose_mode(self, mode: Mode) -> None:
        """Approve or return."""
        self._mode = mode
        self._drafts.keep_mode(self._order_id, mode)
        self.view.show_problem(NO_PROBLEM)
        self._show()

    def keep_reason(self, reason: str) -> None:
        """The reason is being typed."""
        self._drafts.keep_reason(self._order_id, reason)
        self.view.show_problem(NO_PROBLEM)

    def decide(self, reason: str, secret: str) -> None:
        """Sign it with the chosen person's key."""
        chosen = self._chosen
        if chosen is None:
            self.view.show_problem(DecisionProblem("", "Choose who signs."))
        elif chosen.right is None or chosen.right.refusal:
            self._show()
        else:
            decision = Decision(self._order_id, self._mode, "approved", reason, chosen.right.seen)
            if not self._decider.is_busy:
                self._signer_id = chosen.person_id
            self._decider.decide(decision, secret, then=partial(self._done, self._mode), stopped=self._stopped)
            self._show()

    def _prove(self, secret: str) -> Hand:
        """Open the key of whoever was chosen when the button was pressed, whoever is chosen by now."""
        return self.context.session.people.unlock(self._signer_id, secret)

    def _done(self, mode: Mode) -> None:
        self._drafts.drop(self._order_id)
        verb = "returned" if mode == "return" else "approved"
        self.context.navigator.toast(f"{self._number} {verb}")
        if not self._is_closed:
            self._show()
            self.view.finished()

    def _stopped(self, problem: DecisionProblem) -> None:
        if not self._is_closed:
            self._show()
            self.view.show_problem(problem)

    # ---- who is here

    def _take_enrolled(self, enrolled: tuple[EnrolledHere, ...]) -> None:
        self._reviewers = tuple(each for each in enrolled if each.role in REVIEWERS)
        self._refresh()

    def _refresh(self) -> None:
        found = partial(_found, order_id=self._order_id, enrolled=self._reviewers)
        self.ask("people", found, self._take_people)

    def _take_people(self, found: _Found) -> None:
        self._people, self._number = found.people, found.number
        able = [person for person in found.people if person.right and not person.right.refusal]
        if not self._person_id and (able or found.people):
            self._person_id = (able or list(found.people))[0].person_id
        self._show()

    @property
    def _chosen(self) -> PersonHere | None:
        return next((person for person in self._people if person.person_id == self._person_id), None)

    def _show(self) -> None:
        chosen = self._chosen
        if self._is_closed:
            return
        self.view.show_state(
            OnSiteState(
                people=self._people,
                person_id=self._person_id,
                mode=self._mode,
                number=self._number,
                refusal=chosen.right.refusal if chosen and chosen.right else "",
                is_busy=self._decider.is_busy,
            )
        )


def _found(reading: Reading, *, order_id: str, enrolled: tuple[EnrolledHere, ...]) -> _Found:
    names = person_names(reading, (each.person_id for each in enrolled))
    order = reading.get("work_order", order_id)
    people = tuple(
        PersonHere(
            each.person_id, names.get(each.person_id) or each.login, review_right(reading, order_id, each.person_id)
        )
        for each in enrolled
    )
    return _Found(tuple(people), str(order["number"]) if order else "")


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in {"work_order", "signature", "site_access", "person"} for entity, _ in keys)
