"""Approve, review or return one order with somebody's own key: proved, checked against what he saw, written once.

Used by the supervisor's own screen and by his sheet on a technician's installation. Knows no view.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cmms_desktop.application.commands import sign_off
from cmms_desktop.application.proof import NotProved, prove_and_write
from cmms_desktop.application.queries.review_right import Seen
from cmms_desktop.application.session import Hand, LocalWrite
from cmms_desktop.errors import CmmsError, Refused
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.review.drafts import draft_names
from cmms_desktop.ui.screens.review.state import DecisionProblem, Meaning, Mode
from sync_server.contract.rules.status import has_reason

CHANGED = "This order changed while you read it. Look at it again, then decide."
Stopped = Callable[[DecisionProblem], None]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be signed about an order, and what was on the screen when it was decided."""

    order_id: str
    mode: Mode
    meaning: Meaning
    reason: str
    seen: Seen

    @property
    def problem(self) -> DecisionProblem | None:
        """What is missing before anybody proves anything."""
        if self.mode == "return" and not has_reason(self.reason):
            return DecisionProblem("reason", "Say what has to be done.")
        return None


class Decider:
    """Carries decisions out, one at a time."""

    def __init__(self, context: ScreenContext, prove: Callable[[str], Hand]) -> None:
        """`prove` opens the key of whoever decides, with his secret; it is slow."""
        self._context, self._prove = context, prove
        self.is_busy = False

    def decide(self, decision: Decision, secret: str, *, then: Callable[[], None], stopped: Stopped) -> None:
        """Prove, sign and write. `then` comes after it is durable; `stopped` says what stands in the way."""
        if self.is_busy:
            return
        if (problem := decision.problem) is not None:
            stopped(problem)
        elif not secret:
            stopped(DecisionProblem("secret", "Enter your password to sign."))
        else:
            self.is_busy = True
            command = partial(carry_out, decision=decision)
            work = partial(
                prove_and_write,
                self._context.session,
                partial(self._prove, secret),
                command,
                forgets=draft_names(decision.order_id),
            )
            self._context.background.run(work, partial(self._end, then), refused=partial(self._stop, stopped))

    def _end(self, then: Callable[[], None], _proved: object) -> None:
        self.is_busy = False
        then()

    def _stop(self, stopped: Stopped, problem: CmmsError) -> None:
        self.is_busy = False
        stopped(DecisionProblem("secret" if isinstance(problem, NotProved) else "", problem.sentence))


def carry_out(write: LocalWrite, hand: Hand, decision: Decision) -> None:
    """Sign what was decided. Raises Refused when the order is no longer what was seen, or a rule says no."""
    order = write.get("work_order", decision.order_id)
    now = Seen(None, False) if order is None else _seen(order)
    if now != decision.seen:
        raise Refused("record_changed", CHANGED)
    reason = decision.reason.strip()
    if decision.mode == "return":
        sign_off.return_work(write, hand, decision.order_id, reason=reason)
    elif decision.meaning == "reviewed":
        sign_off.review(write, hand, decision.order_id, reason=reason or None)
    else:
        sign_off.approve(write, hand, decision.order_id, reason=reason or None)


def _seen(order: object) -> Seen:
    row = order if isinstance(order, dict) else {}
    performed = row.get("performed_signature_id")
    return Seen(None if performed is None else str(performed), bool(row.get("is_signature_stale")))
