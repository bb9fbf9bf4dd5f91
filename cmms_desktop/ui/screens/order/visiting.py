"""The steps of a visit, one durable write each: travel, arrive, start, pause, resume, leave, finish. Plain Python."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from cmms_desktop.application.commands import visits
from cmms_desktop.application.queries.order import OrderPage, order_page
from cmms_desktop.application.session import LocalWrite
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.order.view_door import OrderView
from cmms_desktop.ui.text.numbers import counted
from sync_server.contract.rules.status import has_reason


class OrderOnScreen(Protocol):
    """What the steps need of the page: the order as it was read last, and moving about in it."""

    context: ScreenContext
    view: OrderView
    order_id: str
    tab: str

    @property
    def page(self) -> OrderPage | None:
        """The order; None: it is not here."""
        ...

    @property
    def is_closed(self) -> bool:
        """Nothing is shown any more."""
        ...

    def refresh(self) -> None:
        """Read the order again; an answer to an older question is not shown any more."""
        ...

    def choose_tab(self, tab: str) -> None:
        """Show another page of the order."""
        ...

    def open_form(self, name: str) -> None:
        """Open a form over the page."""
        ...

    def close_form(self) -> None:
        """Close it."""
        ...

    def note_missing(self, is_wanted: bool) -> None:
        """Remember that what is missing is to be listed by whatever shows the checklist next."""
        ...


class VisitSteps:
    """Takes steps for the order on the screen. Until one is saved and read again, a second press does nothing."""

    def __init__(self, shown: OrderOnScreen) -> None:
        """Serve one page."""
        self._shown = shown
        self._is_busy = False
        self._acted_on: OrderPage | None = None
        """The order as it was read before the last step: it offers that step still."""
        self._lists_missing = False

    def take(self) -> None:
        """Take the next step."""
        page = self._shown.page
        if page is None or self._is_waiting:
            return
        self._shown.view.show_trouble(None)
        match page.next_step:
            case "travel":
                self.travel()
            case "arrive":
                self._shown.open_form("arrive")
            case "start" if page.visit is not None:
                self._write(partial(visits.start_work, log_id=page.visit.id), self._started)
            case "resume":
                self._write(partial(_resume, page=page), partial(self._say, "Order resumed"))
            case "finish" | "sign":
                self._finish(page)
            case "sign_off":
                self._shown.context.navigator.open(Place.of("review", order_id=page.id))

    def travel(self) -> None:
        """Set out: a visit begins."""
        command = partial(visits.start_travel, order_id=self._shown.order_id)
        self._write(command, partial(self._say, "Travel started"))

    def leave(self) -> None:
        """End the visit without signing."""
        page = self._shown.page
        if page is not None and page.visit is not None:
            self._write(partial(visits.leave, log_id=page.visit.id), partial(self._say, "Visit ended"))

    def pause(self, reason: str) -> None:
        """Put the order on hold; without a reason it says so."""
        page = self._shown.page
        if page is None or page.visit is None:
            return
        if not has_reason(reason):
            self._shown.view.show_trouble("Say why the order is on hold.")
            return
        command = partial(visits.pause_work, log_id=page.visit.id, reason=reason.strip())
        self._write(command, self._paused, forgets=(f"pause:{page.id}", f"form:{page.id}"))

    def arrived(self) -> None:
        """The Arrive sheet recorded the arrival."""
        self._shown.close_form()
        self._say("Arrival recorded")

    def show_missing(self) -> None:
        """Go to the answers that are missing; that may be on a page of its own, which then lists them."""
        self._shown.note_missing(True)
        self._shown.choose_tab("checklist")
        if self._shown.tab == "checklist":
            self.list_missing()

    def list_missing(self) -> None:
        """Say on the checklist what is missing."""
        self._shown.note_missing(False)
        page = self._shown.page
        if page is not None and page.counts.missing:
            count = page.counts.missing
            self._lists_missing = True
            self._shown.view.show_missing()
            verb = "is" if count == 1 else "are"
            self._shown.view.show_trouble(f"{counted(count, 'mandatory answer')} {verb} missing.")

    def follow(self, page: OrderPage) -> None:
        """The order was read again: what was missing may be there now."""
        if self._lists_missing and not page.counts.missing:
            self._lists_missing = False
            self._shown.view.show_trouble(None)

    def _finish(self, page: OrderPage) -> None:
        """Finishing ends the visit and leads to signing; what is missing is listed instead.

        Who answers the last item and presses at once is quicker than the page: then the rows decide.
        """
        if page.counts.missing:
            self._shown.context.background.read(partial(order_page, order_id=page.id), self._finish_as_read)
        else:
            self._end_visit(page)

    def _finish_as_read(self, page: OrderPage | None) -> None:
        if page is None or self._shown.is_closed or page.id != self._shown.order_id:
            return
        if page.counts.missing:
            self.show_missing()
        else:
            self._end_visit(page)

    def _end_visit(self, page: OrderPage) -> None:
        if page.next_step == "finish" and page.visit is not None:
            self._write(partial(visits.leave, log_id=page.visit.id), partial(self._sign, page))
        else:
            self._sign(page)

    def _sign(self, page: OrderPage) -> None:
        step = "customer" if page.signed.is_performed else "technician"
        self._shown.context.navigator.open(Place.of("sign", order_id=page.id, step=step))

    def _started(self) -> None:
        self._say("Work started")
        page = self._shown.page
        if page is not None and page.counts.checklist:
            self._shown.choose_tab("checklist")

    def _paused(self) -> None:
        self._shown.close_form()
        self._say("Order on hold")

    def _say(self, text: str) -> None:
        self._shown.context.navigator.toast(text)

    @property
    def _is_waiting(self) -> bool:
        return self._is_busy or (self._acted_on is not None and self._shown.page is self._acted_on)

    def _write(
        self, command: Callable[[LocalWrite], object], then: Callable[[], None], *, forgets: tuple[str, ...] = ()
    ) -> None:
        if self._is_waiting:
            return
        self._is_busy = True
        self._shown.view.set_busy(True)
        written = partial(self._written, self._shown.order_id, then, forgets)
        self._shown.context.background.write(command, written, refused=self._refused, forgets=forgets)

    def _written(self, order_id: str, then: Callable[[], None], forgets: tuple[str, ...], outcome: object) -> None:
        """Go on, unless another order is shown by now."""
        self._is_busy = False
        for name in forgets:
            self._shown.context.drafts.drop(name)
        if not self._shown.is_closed:
            self._shown.view.set_busy(False)
            if order_id == self._shown.order_id:
                self._acted_on = self._shown.page
                self._shown.refresh()
                then()

    def _refused(self, problem: CmmsError) -> None:
        self._is_busy = False
        if self._shown.is_closed:
            self._shown.context.navigator.complain(problem)
        else:
            self._shown.view.set_busy(False)
            self._shown.view.show_trouble(problem.sentence)


def _resume(write: LocalWrite, page: OrderPage) -> None:
    """Go on with the visit under way; when it has ended, or there was none, set out anew."""
    is_going_on = page.visit is not None and page.visit.ended_at is None
    log_id = page.visit.id if page.visit is not None and is_going_on else visits.start_travel(write, page.id)
    visits.resume_work(write, log_id)
