"""Review and sign: keeps one prepared statement, signs exactly that, then takes the customer's answer and locks.

Ink, name and reason are drafts until they are signed. Which step is shown follows from the rows, so that the same step
is there again after the program was killed. It never touches a widget.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands import sign_off
from cmms_desktop.application.proof import NotProved, Proved, prove_and_write
from cmms_desktop.application.queries.signing import SigningPage
from cmms_desktop.application.session import Hand, Key, LocalWrite
from cmms_desktop.errors import CmmsError, Refused
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.bridge.named_drafts import NamedDrafts
from cmms_desktop.ui.screens.sign.entries import Entries, ink_problem
from cmms_desktop.ui.screens.sign.state import NO_PROBLEM, Choice, Kept, SignProblem, SignState
from cmms_desktop.ui.screens.sign.telling import Course, Drawn, Gone, Known, drawn, known, state_of
from sync_server.contract.entities import AGGREGATES
from sync_server.contract.rules.ink import Strokes
from sync_server.contract.rules.status import has_reason

HAND_KEPT: Final = timedelta(minutes=10)
"""How long the technician need not prove again who he is, to witness the customer's statement."""
CHANGED: Final = "The record changed while you read it. Read it again before you sign."
CONCERNS: Final = frozenset((*AGGREGATES["work_order"], "part"))


class SignView(Protocol):
    """What the presenter needs of the page."""

    def show_state(self, state: SignState) -> None:
        """Show where things stand."""
        ...

    def show_problem(self, problem: SignProblem) -> None:
        """Say what stops the step, in place; NO_PROBLEM takes it back."""
        ...

    def restore(self, kept: Kept) -> None:
        """Fill in what was half entered."""
        ...

    def clear_secret(self) -> None:
        """Forget what was typed as a password."""
        ...


class SignPresenter(Presenter):
    """One order on its way from done to locked."""

    def __init__(self, context: ScreenContext, view: SignView, order_id: str, *, step: str = "") -> None:
        """Wire it; `step` is "customer" when the customer answers after the record was locked."""
        super().__init__(context)
        self.view, self.order_id = view, order_id
        self.entries = Entries(NamedDrafts(context.drafts, self._name), order_id)
        self._course = Course(wants_customer=step == "customer")
        self._known: Known | None = None
        self._drawn: Drawn | None = None
        self._strokes: Strokes = ()
        self._hand: Hand | None = None
        self._hand_at: datetime | None = None

    def start(self) -> None:
        """Show what was half entered, then where the order stands."""
        kept = self.entries.load()
        self._strokes, self._course.choice = kept.ink, kept.choice
        self.view.restore(kept)
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Ask the rows again."""
        self.ask("page", partial(known, order_id=self.order_id), self._take_known)

    # ---- the technician

    def draw(self, strokes: Strokes) -> None:
        """The technician's ink changed: keep it, and prepare the bytes with it."""
        self._strokes = strokes
        self.entries.keep_ink(strokes)
        self.view.show_problem(NO_PROBLEM)
        self._prepare()

    def sign(self, secret: str) -> None:
        """Prove who signs, then sign exactly the prepared bytes."""
        if self._course.is_busy:
            return
        if problem := ink_problem(self._strokes):
            self.view.show_problem(SignProblem("ink", problem))
        elif self._drawn is None or self._drawn.prepared.statement.ink != self._strokes:
            self.view.show_problem(SignProblem("", self._course.blocked or "The record is being prepared. Try again."))
        elif not secret:
            self.view.show_problem(SignProblem("secret", "Enter your password to sign."))
        else:
            self._prove(secret, partial(sign_off.sign_prepared, prepared=self._drawn.prepared))

    def open_checklist(self, item_id: str = "") -> None:
        """Go back to the checklist, to one item or to what is missing."""
        where = {"order_id": self.order_id, "tab": "checklist"} | ({"item": item_id} if item_id else {})
        self.context.navigator.open(Place.of("order", **where))

    # ---- the customer

    def choose(self, choice: Choice) -> None:
        """What the customer does: accept, refuse, or nothing because he is not here."""
        self._course.choice = choice
        self.entries.keep_choice(choice)
        self.view.show_problem(NO_PROBLEM)
        self._show()

    def accept(self, name: str, strokes: Strokes, secret: str) -> None:
        """The customer accepts, by name and ink."""
        if not has_reason(name):
            self.view.show_problem(SignProblem("name", "Write the name of the person who accepts."))
        elif problem := ink_problem(strokes):
            self.view.show_problem(SignProblem("ink", problem))
        else:
            self._answer(partial(_accept, order_id=self.order_id, name=name.strip(), strokes=strokes), secret)

    def refuse(self, name: str, reason: str, secret: str) -> None:
        """The customer refuses, with his reason in his words."""
        if not has_reason(reason):
            self.view.show_problem(SignProblem("reason", "Write down why the customer refuses the work."))
        elif not has_reason(name):
            self.view.show_problem(SignProblem("name", "Write the name of the person who refuses."))
        else:
            self._answer(partial(_refuse, order_id=self.order_id, name=name.strip(), reason=reason.strip()), secret)

    def hand_over(self) -> None:
        """Complete the order without a statement of the customer."""
        if not self._course.is_busy:
            self._set_busy(True)
            command = partial(sign_off.complete, order_id=self.order_id)
            self.context.background.write(command, self._done, refused=self._stopped, forgets=self.entries.names)

    def invite_customer(self) -> None:
        """The customer came after the record was locked."""
        self._course.wants_customer = True
        self.context.navigator.replace(Place.of("sign", order_id=self.order_id, step="customer"))
        self._show()

    def leave(self) -> None:
        """The record is locked: on to the next order."""
        self.context.navigator.open(Place.of("my_day"))

    def _answer(self, command: Callable[..., None], secret: str) -> None:
        """Take the customer's statement, witnessed by the technician's own key."""
        if self._course.is_busy:
            return
        if self._hand is not None and self.has_hand:
            self._set_busy(True)
            write = partial(command, hand=self._hand)
            self.context.background.write(write, self._done, refused=self._stopped, forgets=self.entries.names)
        elif not secret:
            self.view.show_problem(SignProblem("secret", "Enter your password: you witness what the customer says."))
        else:
            self._prove(secret, command)

    # ---- the rows and the prepared statement

    def _take_known(self, answer: Known | Gone) -> None:
        found = answer if isinstance(answer, Known) else None
        before, self._known = self._known, found
        self._course.is_asked = True
        self._course.has_texts = isinstance(answer, Gone) and answer.has_texts
        turn = found.page.turn if found else None
        if turn != "technician":
            self._drawn, self._course.blocked = None, ""
        if found is not None and (before is None or before.page.turn != turn):
            self._turn_to(found.page, is_new=before is None)
        elif turn == "technician":
            self._check()
        self._show()

    def _turn_to(self, page: SigningPage, *, is_new: bool) -> None:
        """Another step than before: a restart should come back to it."""
        if page.turn == "technician":
            self._course.notice = CHANGED if page.is_stale else ""
            self._prepare()
        if not is_new:
            step = "customer" if page.turn in {"customer", "locked"} else "technician"
            self.context.navigator.replace(Place.of("sign", order_id=self.order_id, step=step))

    def _prepare(self) -> None:
        ink = None if ink_problem(self._strokes) else self._strokes
        command = partial(drawn, order_id=self.order_id, strokes=ink)
        self.context.background.write(command, self._take_drawn, refused=self._cannot_prepare)

    def _take_drawn(self, found: Drawn) -> None:
        if not self._is_closed and self._known is not None and self._known.page.turn == "technician":
            self._drawn, self._course.blocked = found, ""
            self._show()

    def _cannot_prepare(self, problem: CmmsError) -> None:
        if not self._is_closed:
            self._drawn, self._course.blocked = None, problem.sentence
            self._show()

    def _check(self) -> None:
        """Rows changed: do they still give the prepared bytes?"""
        now = self._drawn
        if now is None or now.prepared.signable is None:
            self._prepare()
        else:
            self.context.background.write(now.prepared.is_current, partial(self._checked, now))

    def _checked(self, then: Drawn, is_current: bool) -> None:
        if not is_current and then is self._drawn and not self._is_closed and not self._course.is_busy:
            self._course.notice = CHANGED
            self._prepare()

    # ---- proving, writing, showing

    def _name(self) -> str:
        return "" if self._known is None else f"{self._known.page.number} {self._known.page.title}"

    @property
    def has_hand(self) -> bool:
        """Whether he proved who he is a moment ago."""
        return self._hand_at is not None and self.context.clock() - self._hand_at < HAND_KEPT

    def _prove(self, secret: str, command: Callable[..., object]) -> None:
        """Prove who he is and carry the command out with his hand, even when he leaves the page meanwhile."""
        self._set_busy(True)
        session = self.context.session
        work = partial(prove_and_write, session, partial(session.prove, secret), command, forgets=self.entries.names)
        self.context.background.run(work, self._proved, refused=self._stopped)

    def _proved(self, proved: Proved[object]) -> None:
        self._hand, self._hand_at = proved.hand, self.context.clock()
        self._done(proved.result)

    def _done(self, _result: object) -> None:
        self.entries.drop()
        if self._is_closed:
            return
        self._course.choice, self._course.notice, self._course.is_busy = "", "", False
        self._strokes = ()
        self.view.restore(Kept())
        self.view.clear_secret()
        self.view.show_problem(NO_PROBLEM)
        self.refresh()

    def _stopped(self, problem: CmmsError) -> None:
        """Wrong password, or a rule said no: what was entered stays, and what changed is prepared anew."""
        if self._is_closed:
            self.context.navigator.complain(problem)
            return
        self._set_busy(False)
        self.view.clear_secret()
        if isinstance(problem, NotProved):
            self.view.show_problem(SignProblem("secret", problem.sentence))
            return
        if isinstance(problem, Refused) and problem.code == "record_changed":
            self._course.notice = problem.sentence
            self._prepare()
        else:
            self.view.show_problem(SignProblem("", problem.sentence))
        self.refresh()

    def _set_busy(self, is_busy: bool) -> None:
        self._course.is_busy = is_busy
        self._show()

    def _show(self) -> None:
        if not self._is_closed:
            now = self.context.clock()
            self.view.show_state(state_of(self._known, self._drawn, self._course, now=now, has_hand=self.has_hand))


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in CONCERNS for entity, _ in keys)


def _accept(write: LocalWrite, hand: Hand, *, order_id: str, name: str, strokes: Strokes) -> None:
    sign_off.customer_accepts(write, hand, order_id, printed_name=name, strokes=strokes)
    sign_off.complete(write, order_id)


def _refuse(write: LocalWrite, hand: Hand, *, order_id: str, name: str, reason: str) -> None:
    sign_off.customer_refuses(write, hand, order_id, printed_name=name, reason=reason)
    sign_off.complete(write, order_id)
