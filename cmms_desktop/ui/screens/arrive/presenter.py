"""Arriving for an order: measure, judge, let the person say what is right, record it. Plain Python.

Whatever the receiver says, the arrival can be recorded; outside the fence or without a position it asks for a reason.
"""

from dataclasses import replace
from functools import partial
from typing import Final, Protocol

import msgspec

from cmms_desktop.application.commands import remarks, visits
from cmms_desktop.application.positions import Position
from cmms_desktop.application.queries.arrival import ArrivalPlace, ArrivalPreview, arrival_place, arrival_preview
from cmms_desktop.application.session import LocalWrite, Reading
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.screens.arrive.states import ArriveState, Chosen, Phase, arrive_state
from cmms_desktop.ui.text import arrival_words as words
from sync_server.contract.rules.status import has_reason

WITHIN_S: Final = 30.0
"""How long a position is waited for."""
RENEW_AFTER_S: Final = 45.0
"""A position older than this is measured again while the sheet is open, before it says nothing about now."""


class ArriveView(Protocol):
    """What shows it."""

    def show_state(self, state: ArriveState) -> None:
        """Show where things stand."""
        ...

    def show_draft(self, chip: str, text: str) -> None:
        """Put a reason into chips and field."""
        ...

    def show_refusal(self, sentence: str | None) -> None:
        """Say what is wanted, or why it was not recorded; None takes it back."""
        ...

    def set_busy(self, is_busy: bool) -> None:
        """The arrival is being saved."""
        ...

    def done(self) -> None:
        """It is recorded."""
        ...


class ArrivePresenter(Presenter):
    """One arrival."""

    def __init__(self, context: ScreenContext, view: ArriveView, *, log_id: str, order_id: str) -> None:
        """Arrive for an order on a visit that has begun."""
        super().__init__(context)
        self._view, self._log_id, self._order_id = view, log_id, order_id
        self._place: ArrivalPlace | None = None
        self._position: Position | None = None
        self._measured_at = self._began_at = self._asked_at = context.clock()
        self._phase: Phase = "locating"
        self._why = ""
        self._is_measuring = False
        self._is_saving = False
        self._chosen = self._kept()

    def start(self) -> None:
        """Look for a position, with what was half entered in the fields."""
        self._view.show_draft(self._chosen.chip, self._chosen.text)
        self._show()
        self.ask("place", self._read, self._found)

    def tick(self) -> None:
        """A second went by."""
        position = self._now_known()
        if self._phase == "placed" and position is not None and position.age_s > RENEW_AFTER_S:
            self._renew()
        if self._phase != "no_fix":
            self._show()

    # ---- intents

    def stop_measuring(self) -> None:
        """Go on without waiting for a position."""
        self._no_position(words.STOPPED)

    def choose(self, choice: str) -> None:
        """Continue here, wrong address, or try again, which starts at once."""
        if choice == "again":
            self._chosen = replace(self._chosen, choice="continue")
            self._begin()
        else:
            self._chosen = replace(self._chosen, choice=choice)
            self._keep()
        self._view.show_refusal(None)
        self._show()

    def pick_reason(self, chip: str) -> None:
        """Choose one of the usual reasons; empty text takes it back."""
        self._chosen = replace(self._chosen, chip=chip)
        self._keep()
        self._view.show_refusal(None)

    def type_reason(self, text: str) -> None:
        """Keep a reason at each key."""
        self._chosen = replace(self._chosen, text=text)
        self._keep()
        self._view.show_refusal(None)

    def record(self) -> None:
        """Save the arrival; a second press while it is being saved does nothing."""
        if self._phase == "locating" or self._is_saving:
            return
        reason = words.reason(self._chosen.choice, self._chosen.chip, self._chosen.text)
        position, preview = self._now_known(), self._preview()
        is_inside = preview is not None and preview.fence == "inside"
        self._is_saving = True
        self._view.show_refusal(None)
        self._view.set_busy(True)
        command = partial(
            _record,
            log_id=self._log_id,
            position=position,
            reason=None if is_inside or not has_reason(reason) else reason,
            order_id=self._order_id,
            correction=None if is_inside else self._correction(position),
        )
        self.context.background.write(command, self._recorded, refused=self._refused, forgets=(self._draft,))

    # ---- measuring

    def _read(self, reading: Reading) -> ArrivalPlace | None:
        return arrival_place(reading, self._order_id)

    def _found(self, place: ArrivalPlace | None) -> None:
        self._place = place
        if self._phase == "locating":
            self._begin()
        else:  # somebody who did not want to wait has gone on already
            self._show()

    def _begin(self) -> None:
        self._phase, self._position, self._began_at = "locating", None, self.context.clock()
        self._show()
        self._measure()

    def _measure(self) -> None:
        """Ask the receiver; one that is still being asked is waited for, it is not asked twice."""
        if not self._is_measuring:
            self._is_measuring, self._asked_at = True, self.context.clock()
            work = partial(self.context.session.positions.locate, within_s=WITHIN_S)
            self.context.background.run(work, self._located, refused=self._not_located)

    def _renew(self) -> None:
        """Measure again beside what is shown; a receiver that just failed is left alone for a while."""
        if (self.context.clock() - self._asked_at).total_seconds() > RENEW_AFTER_S / 2:
            self._measure()

    def _located(self, position: Position) -> None:
        self._is_measuring = False
        if self._is_closed or self._phase == "no_fix" or self._is_saving:
            return
        self._position, self._measured_at, self._phase = position, self.context.clock(), "placed"
        self._show()

    def _not_located(self, problem: CmmsError) -> None:
        self._is_measuring = False
        if not self._is_closed and self._phase == "locating":
            self._no_position(problem.sentence)

    def _no_position(self, why: str) -> None:
        self._phase, self._position, self._why = "no_fix", None, why
        self._show()

    def _now_known(self) -> Position | None:
        """The position with its age at this moment; both ends of the age by this device's clock."""
        if self._position is None:
            return None
        since_s = max(0.0, (self.context.clock() - self._measured_at).total_seconds())
        return replace(self._position, age_s=self._position.age_s + since_s)

    def _preview(self) -> ArrivalPreview | None:
        position = self._now_known()
        return None if position is None or self._place is None else arrival_preview(self._place, position)

    # ---- saving

    def _correction(self, position: Position | None) -> str | None:
        if self._chosen.choice != "wrong_address":
            return None
        coordinates = None if position is None else (position.latitude, position.longitude)
        site = "" if self._place is None else self._place.site
        return words.correction(site, self._chosen.text, coordinates, position.accuracy_m if position else None)

    def _recorded(self, _: str) -> None:
        self.context.drafts.drop(self._draft)
        if not self._is_closed:
            self._view.set_busy(False)
            self._view.done()

    def _refused(self, problem: CmmsError) -> None:
        self._is_saving = False
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._view.set_busy(False)
            self._view.show_refusal(problem.sentence)

    # ---- drafts and showing

    @property
    def _draft(self) -> str:
        return f"arrive:{self._log_id}"

    def _kept(self) -> Chosen:
        try:
            return msgspec.json.decode(self.context.drafts.get(self._draft) or "{}", type=Chosen)
        except msgspec.DecodeError:
            return Chosen()

    def _keep(self) -> None:
        text = "" if self._chosen == Chosen() else msgspec.json.encode(self._chosen).decode()
        self.context.drafts.keep(self._draft, text)

    def _show(self) -> None:
        now = self.context.clock()
        left_s = max(0, round(WITHIN_S - (now - self._began_at).total_seconds()))
        self._view.show_state(
            arrive_state(
                phase=self._phase,
                place=self._place,
                preview=self._preview(),
                chosen=self._chosen,
                why=self._why,
                left_s=left_s,
                now=now,
            )
        )


def _record(
    write: LocalWrite,
    *,
    log_id: str,
    position: Position | None,
    reason: str | None,
    order_id: str,
    correction: str | None,
) -> str:
    """Record the arrival and, with a wrong address, ask the office to correct it: one step, all or nothing."""
    fence = visits.arrive(write, log_id, position, reason=reason)
    if correction is not None:
        remarks.add_comment(write, order_id, correction)
    return fence
